import type { SiteSummary } from '@gleaner/sdk';
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
    template.activeVersion === null ? terminal.paint('none', 'yellow') : `${template.activeVersion} of ${template.versions}`,
    formatAge(template.updatedAt, now),
    template.templateId,
    plain(template.unlearnableReason ?? ''),
  ]);
  terminal.text(`${terminal.paint(plain(site.host), 'bold')}  ${site.needsBrowser ? 'needs a browser' : 'fetched by http'}`);
  terminal.text(formatTable(terminal, ['PAGES', 'VERSION', 'UPDATED', 'TEMPLATE', ''], rows));
  return EXIT.ok;
}
