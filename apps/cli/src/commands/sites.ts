import type { SiteSummary, TemplateVersion, VersionName } from '@gleaner/sdk';
import { formatAge } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { type Session, connect } from '../session.js';
import { formatTable } from '../table.js';
import { plain } from '../terminal.js';

/** Most sites that are printed; a table of more helps nobody, and --json takes the same bound. */
const MAX_SITES = 1_000;

/** What has been learned: every site, or the templates of one. */
export async function showSites(session: Session, host: string | undefined): Promise<ExitCode> {
  return host === undefined ? listSites(session) : showSite(session, host);
}

async function listSites(session: Session): Promise<ExitCode> {
  const { client } = await connect(session);
  const { terminal } = session;
  const sites: SiteSummary[] = [];
  for await (const site of client.sites({ signal: session.signal })) {
    sites.push(site);
    if (sites.length >= MAX_SITES) break;
  }
  const now = Date.now();
  if (session.flags.json === true) terminal.json(sites);
  else if (sites.length === 0) terminal.note('No site is known yet. Extract or learn a page of one.');
  else
    terminal.text(
      formatTable(
        terminal,
        ['SITE', 'TEMPLATES', 'FETCHED BY', 'UPDATED'],
        sites.map((site) => [
          plain(site.host),
          String(site.templates),
          site.needsBrowser ? 'browser' : 'http',
          formatAge(site.updatedAt, now),
        ]),
      ),
    );
  return EXIT.ok;
}

async function showSite(session: Session, host: string): Promise<ExitCode> {
  const { client } = await connect(session);
  const { terminal } = session;
  const site = await client.site(host, { signal: session.signal });
  if (session.flags.json === true) {
    terminal.json(site);
    return EXIT.ok;
  }
  const now = Date.now();
  const rows = site.templates.map((template) => [
    plain(template.shape),
    template.type ?? '',
    template.activeVersion === null ? terminal.paint('none', 'yellow') : `${template.activeVersion} of ${template.versions}`,
    formatAge(template.updatedAt, now),
    template.templateId,
    plain(template.unlearnableReason ?? ''),
  ]);
  terminal.text(`${terminal.paint(plain(site.host), 'bold')}  ${site.needsBrowser ? 'needs a browser' : 'fetched by http'}`);
  terminal.text(formatTable(terminal, ['PAGES', 'TYPE', 'VERSION', 'UPDATED', 'TEMPLATE', ''], rows));
  return EXIT.ok;
}

/** The versions of a template, newest first. */
export async function showVersions(session: Session, host: string, templateId: string): Promise<ExitCode> {
  const { client } = await connect(session);
  const { terminal } = session;
  const versions = await client.versions(host, templateId, { signal: session.signal });
  if (session.flags.json === true) {
    terminal.json(versions);
    return EXIT.ok;
  }
  const now = Date.now();
  const rows = versions.map((version) => [
    String(version.version),
    stateOf(version),
    `${version.scores.mean.toFixed(2)} on ${version.scores.pagesHeldOut}`,
    Object.keys(version.config.fields).length === 0 ? 'none' : plain(Object.keys(version.config.fields).join(', ')),
    version.model ?? version.author,
    formatAge(version.createdAt, now),
  ]);
  terminal.text(formatTable(terminal, ['VERSION', 'STATE', 'SCORE', 'FIELDS', 'BY', 'LEARNED'], rows));
  return EXIT.ok;
}

/** Decides about one version: it serves, it serves for good, or it never serves again. */
export async function decideVersion(session: Session, verb: 'activate' | 'pin' | 'reject', name: VersionName): Promise<ExitCode> {
  const { client } = await connect(session);
  const call = { signal: session.signal };
  const decided = await client[`${verb}Version`](name, call);
  if (session.flags.json === true) session.terminal.json(decided);
  else session.terminal.data(plain(`${decided.site} ${decided.shape} version ${decided.version}, ${stateOf(decided)}`));
  return EXIT.ok;
}

function stateOf({ state, pinned }: TemplateVersion): string {
  return pinned ? `${state}, pinned` : state;
}
