import type { RenderMode, TemplateVersion } from '@gleaner/sdk';
import { EXIT, type ExitCode } from '../exit-code.js';
import { followJob } from '../follow.js';
import { type Session, connect } from '../session.js';
import { plain } from '../terminal.js';
import { requireUrl } from './extract.js';

export interface LearnFlags {
  readonly render?: RenderMode;
  readonly fresh?: boolean;
  readonly wait: boolean;
}

/** Learns the template of the page's site and prints which version serves now. */
export async function learn(session: Session, url: string, flags: LearnFlags): Promise<ExitCode> {
  requireUrl(url);
  const { client } = await connect(session);
  const input = { url, ...(flags.render === undefined ? {} : { render: flags.render }), ...(flags.fresh === true ? { fresh: true } : {}) };
  const started = await client.startJob({ kind: 'learn', input }, { signal: session.signal });
  if (!flags.wait) {
    if (session.flags.json === true) session.terminal.json(started);
    else session.terminal.data(started.id);
    return EXIT.ok;
  }
  const job = await followJob(session, client, started);
  if (job.state !== 'completed') {
    session.terminal.error(job.error === null ? `the job is ${job.state}` : `${plain(job.error.detail)} (${job.error.code})`);
    if (session.flags.json === true) session.terminal.json(job);
    return EXIT.failed;
  }
  const result = await client.result<TemplateVersion>(job.id, { signal: session.signal });
  if (session.flags.json === true) session.terminal.json(result);
  else session.terminal.data(formatVersion(result));
  return EXIT.ok;
}

function formatVersion({ site, shape, version, state, scores }: TemplateVersion): string {
  const score = `score ${scores.mean.toFixed(2)} on ${scores.pagesHeldOut} further pages`;
  return plain(`${site} ${shape} version ${version}, ${state}, ${score}`);
}
