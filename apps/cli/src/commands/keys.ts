import type { ApiKey, IssuedKey, Scope } from '@gleaner/sdk';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formatAge } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type CommonFlags, type Session, connect } from '../session.js';
import { formatTable } from '../table.js';
import { plain } from '../terminal.js';

/** Most keys that are printed; --owner narrows the list. */
const MAX_KEYS = 1_000;
const SCOPES = ['read', 'jobs', 'admin'] as const satisfies readonly Scope[];
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_GRACE_SECONDS = 86_400;

interface CreateFlags {
  readonly scope?: readonly Scope[];
  readonly owner?: string;
  readonly newOwner?: string;
  readonly expires?: string;
}

type Run = (flags: CommonFlags, command: (session: Session) => Promise<ExitCode>) => Promise<void>;

/** `gleaner keys` and what is under it. `common` adds the flags that all commands have. */
export function addKeyCommands(program: Command, run: Run, common: (command: Command) => Command): void {
  const keys = common(program.command('keys').description('API keys: who may use this system (needs an admin key)'))
    // Without this the flags after a subcommand would be taken by `keys` itself.
    .enablePositionalOptions()
    .option('--owner <id>', 'only the keys of this user')
    .action((flags: CommonFlags & Pick<CreateFlags, 'owner'>) => run(flags, (session) => listKeys(session, flags.owner)));
  common(keys.command('list').description('list keys, newest first'))
    .option('--owner <id>', 'only the keys of this user')
    .action((flags: CommonFlags & Pick<CreateFlags, 'owner'>) => run(flags, (session) => listKeys(session, flags.owner)));
  common(keys.command('create').description('make a key and print its secret, this once').argument('<name>', 'what it is for'))
    .addOption(new Option('--scope <scope...>', 'what it may do (default: read jobs)').choices(SCOPES))
    .addOption(new Option('--owner <id>', 'user that it belongs to; default: the one of your key').conflicts('newOwner'))
    .option('--new-owner <name>', 'make a user of this name first: it sees nothing of the others')
    .option('--expires <when>', 'end of its life: 30d, 12h or an ISO time', expiry)
    .action((name: string, flags: CommonFlags & CreateFlags) => run(flags, (session) => createKey(session, name, flags)));
  common(keys.command('rotate').description('give a key a new secret and print it').argument('<id>', 'key id'))
    .option('--grace <time>', 'how long the old secret stays valid: 0s to 24h', graceSeconds, 3_600)
    .action((id: string, flags: CommonFlags & { readonly grace: number }) => run(flags, (session) => rotateKey(session, id, flags.grace)));
  common(keys.command('revoke').description('end a key at once').argument('<id>', 'key id')).action((id: string, flags: CommonFlags) =>
    run(flags, (session) => revokeKey(session, id)),
  );
}

async function listKeys(session: Session, owner: string | undefined): Promise<ExitCode> {
  const { client } = await connect(session);
  const { terminal } = session;
  const keys: ApiKey[] = [];
  for await (const key of client.keys.list(owner === undefined ? {} : { owner }, { signal: session.signal })) {
    keys.push(key);
    if (keys.length >= MAX_KEYS) break;
  }
  if (session.flags.json === true) terminal.json(keys);
  else if (keys.length === 0) terminal.note('No keys. Make one with: gleaner keys create NAME');
  else {
    const now = Date.now();
    const rows = keys.map((key) => [
      key.id,
      plain(key.name),
      key.scopes.join(' '),
      stateOf(key, now),
      key.lastUsedAt === null ? 'never' : formatAge(key.lastUsedAt, now),
      key.ownerId,
    ]);
    terminal.text(formatTable(terminal, ['KEY', 'NAME', 'SCOPES', 'STATE', 'USED', 'OWNER'], rows));
  }
  return EXIT.ok;
}

async function createKey(session: Session, name: string, { scope, owner, newOwner, expires }: CreateFlags): Promise<ExitCode> {
  const { client } = await connect(session);
  const call = { signal: session.signal };
  const ownerId = newOwner === undefined ? owner : (await client.users.create({ name: newOwner }, call)).id;
  const draft = { name, ...(scope && { scopes: scope }), ...(ownerId && { ownerId }), ...(expires && { expiresAt: expires }) };
  return showIssued(session, await client.keys.create(draft, call));
}

async function rotateKey(session: Session, id: string, grace: number): Promise<ExitCode> {
  const { client } = await connect(session);
  return showIssued(session, await client.keys.rotate(id, { graceSeconds: grace, signal: session.signal }));
}

async function revokeKey(session: Session, id: string): Promise<ExitCode> {
  const { client } = await connect(session);
  const key = await client.keys.revoke(id, { signal: session.signal });
  if (session.flags.json === true) session.terminal.json(key);
  else session.terminal.data(`${key.id}  revoked`);
  return EXIT.ok;
}

/** The secret alone goes to stdout, so that `KEY=$(gleaner keys create …)` works. */
function showIssued({ flags, terminal }: Session, key: IssuedKey): ExitCode {
  if (flags.json === true) {
    terminal.json(key);
    return EXIT.ok;
  }
  terminal.note(`${key.id}  ${plain(key.name)}  ${key.scopes.join(' ')}  of ${key.ownerId}`);
  if (key.previousValidUntil !== null) terminal.note(`The old secret is valid until ${key.previousValidUntil}.`);
  terminal.note('Keep the secret now: it is not shown again.');
  terminal.data(key.secret);
  return EXIT.ok;
}

function stateOf(key: ApiKey, now: number): string {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return 'expired';
  if (key.isFromEnvironment) return 'from the environment';
  if (key.previousValidUntil !== null) return 'rotating';
  return key.expiresAt === null ? 'valid' : `until ${key.expiresAt.slice(0, 10)}`;
}

function secondsOf(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined || unit === undefined ? null : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

function graceSeconds(text: string): number {
  const seconds = secondsOf(text);
  if (seconds === null || seconds > MAX_GRACE_SECONDS) throw new InvalidArgumentError('It must be a time from 0s to 24h, like 30m.');
  return seconds;
}

function expiry(text: string): string {
  const seconds = secondsOf(text);
  const time = seconds === null ? Date.parse(text) : Date.now() + seconds * 1_000;
  if (!(time > Date.now()))
    throw new InvalidArgumentError('It must be a time from now like 30d, or a later one like 2027-01-31T08:00:00Z.');
  return new Date(time).toISOString();
}
