/** A start that only a person can mend (EX_CONFIG of sysexits.h): a supervisor must not try again by itself. */
export const REFUSED_EXIT_CODE = 78;

/** Why the database cannot start, in one line for the person at the terminal. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}

/** A refusal for the failures of the filesystem that a person can mend; any other error as it is. */
export function explainFilesystemError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new StartRefused(`The folder ${folder} is not writable (${code}).`);
  if (code === 'ENOTDIR' || code === 'EEXIST') return new StartRefused(`${folder} is not a folder (${code}).`);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new StartRefused(`No space is left for ${folder} (${code}).`);
  return error;
}
