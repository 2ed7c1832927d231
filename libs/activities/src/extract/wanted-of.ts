import { Fault, type WantedField, readWantedFields } from '@gleaner/domain';

/** What a job asks its pages for, as it stands in its row; null for nothing. */
export function wantedOf(asked: Readonly<Record<string, unknown>> | null | undefined): readonly WantedField[] | null {
  const read = asked === null || asked === undefined ? null : readWantedFields(asked);
  // It was read when the job was accepted: what cannot be read any more was written by another version of this program.
  if (read?.kind === 'invalid') throw new Fault('INVALID_INPUT', { detail: `The fields of the job: ${read.path} ${read.detail}.` });
  return read === null ? null : read.fields;
}
