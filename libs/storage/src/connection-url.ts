import { Fault } from '@gleaner/domain';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: false | { readonly rejectUnauthorized: boolean };
}

/** `sslmode` of libpq: `require` encrypts without checking the certificate, `verify-*` checks it. */
const SSL_MODES: Readonly<Record<string, ConnectionOptions['ssl']>> = {
  disable: false,
  allow: false,
  prefer: false,
  require: { rejectUnauthorized: false },
  'no-verify': { rejectUnauthorized: false },
  'verify-ca': { rejectUnauthorized: true },
  'verify-full': { rejectUnauthorized: true },
};

/** Reads a `postgresql://` URL. Throws Fault INVALID_INPUT; the detail never repeats the URL, which may hold a password. */
export function connectionOptions(text: string): ConnectionOptions {
  if (!URL.canParse(text)) throw invalid('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:')
    throw invalid(`starts with ${url.protocol}// instead of postgresql://`);
  const sslMode = url.searchParams.get('sslmode') ?? 'disable';
  const ssl = Object.hasOwn(SSL_MODES, sslMode) ? SSL_MODES[sslMode] : undefined;
  if (ssl === undefined) throw invalid(`has an unknown sslmode; use one of ${Object.keys(SSL_MODES).join(', ')}`);
  const host = url.searchParams.get('host') ?? unbracketed(url.hostname);
  const port = Number(url.searchParams.get('port') ?? (url.port === '' ? '5432' : url.port));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('has a port that is not a number from 1 to 65535');
  const username = decoded(url.username) || 'postgres';
  return {
    host: host === '' ? 'localhost' : host,
    port,
    username,
    password: decoded(url.password),
    database: decoded(url.pathname.slice(1)) || username,
    // A Unix socket never leaves the machine, and neither PGlite nor PostgreSQL offers TLS on it.
    ssl: host.startsWith('/') ? false : ssl,
  };
}

function unbracketed(host: string): string {
  return decoded(host.replace(/^\[(.*)\]$/, '$1'));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('has a broken % escape');
  }
}

function invalid(problem: string): Fault {
  return new Fault('INVALID_INPUT', { detail: `The database URL ${problem}. Example: postgresql://user:password@localhost:5432/gleaner` });
}
