/** How a setting's text becomes a value. A parser returns the problem as text instead of throwing. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface Setting<T> {
  readonly type: string;
  readonly default: T;
  readonly description: string;
  readonly example: string;
  /** A secret is never printed, logged or stored. */
  readonly secret?: boolean;
  parse(text: string): Parsed<T>;
}

interface Described {
  readonly description: string;
  readonly example: string;
}

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value });
const bad = (problem: string): Parsed<never> => ({ ok: false, problem });

export function text(options: Described & { readonly default: string; readonly secret?: boolean }): Setting<string> {
  return { type: 'text', ...options, parse: ok };
}

export function optionalText(options: Described & { readonly secret?: boolean; readonly type?: string }): Setting<string | undefined> {
  return { type: options.type ?? 'text', default: undefined, ...options, parse: (value) => (value === '' ? ok(undefined) : ok(value)) };
}

export function integer(options: Described & { readonly default: number; readonly min: number; readonly max: number }): Setting<number> {
  const parse = (value: string): Parsed<number> => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < options.min || number > options.max)
      return bad(`must be a whole number from ${options.min} to ${options.max}`);
    return ok(number);
  };
  return { type: `integer ${options.min}…${options.max}`, ...options, parse };
}

/** US dollars as a decimal number with at most six places: `2`, `0.25`. */
export function money(options: Described & { readonly default: number; readonly max: number }): Setting<number> {
  const parse = (value: string): Parsed<number> =>
    /^\d+(\.\d{1,6})?$/.test(value) && Number(value) <= options.max ? ok(Number(value)) : bad(`must be an amount from 0 to ${options.max}`);
  return { type: `amount 0…${options.max}`, ...options, parse };
}

export function oneOf<const T extends string>(values: readonly T[], options: Described & { readonly default: NoInfer<T> }): Setting<T> {
  const parse = (value: string): Parsed<T> => {
    const match = values.find((candidate) => candidate === value);
    return match === undefined ? bad(`must be one of ${values.join(', ')}`) : ok(match);
  };
  return { type: values.join(' | '), ...options, parse };
}

export function url(
  options: Described & { readonly protocols: readonly string[]; readonly secret?: boolean },
): Setting<string | undefined> {
  const parse = (value: string): Parsed<string | undefined> => {
    if (value === '') return ok(undefined);
    const scheme = /^([a-z0-9+.-]+):/i.exec(value)?.[1]?.toLowerCase();
    if (scheme === undefined || !options.protocols.includes(scheme))
      return bad(`must be a URL that starts with ${options.protocols.map((name) => `${name}:`).join(' or ')}`);
    return ok(value);
  };
  return { type: 'URL', default: undefined, ...options, parse };
}

/**
 * Address of a service as it is usually written: a URL, or `HOST[:PORT]`. A server's own `0.0.0.0` means this machine. The value is a
 * URL without a slash at its end.
 */
export function serviceAddress(options: Described & { readonly defaultPort: number }): Setting<string | undefined> {
  const parse = (value: string): Parsed<string | undefined> => {
    if (value === '') return ok(undefined);
    const isUrl = /^https?:\/\//i.test(value);
    if (!(isUrl || HOST_PORT.test(value)) || !URL.canParse(isUrl ? value : `http://${value}`)) return bad('must be a URL or HOST[:PORT]');
    const address = new URL(isUrl ? value : `http://${value}`);
    if (!isUrl && !/:\d+$/.test(value.replace(/^\[.*\]/, ''))) address.port = String(options.defaultPort);
    if (address.hostname === '0.0.0.0') address.hostname = '127.0.0.1';
    if (address.hostname === '[::]') address.hostname = '[::1]';
    return ok(address.href.replace(/\/+$/, ''));
  };
  return { type: 'URL or HOST[:PORT]', default: undefined, ...options, parse };
}

const HOST_PORT = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i;

/** Comma-separated `HOST` or `HOST:PORT`, exact; no wildcards, no ranges. */
export function hostList(options: Described): Setting<readonly string[]> {
  const parse = (value: string): Parsed<readonly string[]> => {
    const items = value
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter((item) => item !== '');
    const wrong = items.find((item) => !HOST_PORT.test(item) || Number(/:(\d+)$/.exec(item.replace(/^\[.*\]/, ''))?.[1] ?? 1) > 65_535);
    return wrong === undefined ? ok(items) : bad(`"${wrong}" is not HOST or HOST:PORT`);
  };
  return { type: 'list of HOST[:PORT]', default: [], ...options, parse };
}

/** Comma-separated web origins, exact: scheme, host and port as a browser sends them in `Origin`. */
export function originList(options: Described): Setting<readonly string[]> {
  const parse = (value: string): Parsed<readonly string[]> => {
    const items = value
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const wrong = items.find((item) => !/^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/.test(item));
    return wrong === undefined
      ? ok(items)
      : bad(`"${wrong}" is not an origin like https://app.example.com: no path, no wildcard, lower case`);
  };
  return { type: 'list of origins', default: [], ...options, parse };
}
