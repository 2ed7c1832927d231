import { readOwner, readReadyFile } from '../data-folder.js';
import { checkApi } from '../doctor/api-checks.js';
import { type Finding, good } from '../doctor/finding.js';
import { checkCache, checkDataFolder, checkNode, checkPort, checkRunning, checkSettings } from '../doctor/machine-checks.js';
import { cacheFolder, checkBrowser, checkTemporal } from '../doctor/programs.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';
import { findTarget } from '../target.js';
import { plain } from '../terminal.js';

/** Looks at everything that can be wrong, says for each what to do; 1 when something is bad. */
export async function doctor(session: Session, version: string): Promise<ExitCode> {
  const { config, terminal } = session;
  const target = await findTarget(session.flags, config.settings);
  const isElsewhere = target.source === 'flag' || target.source === 'setting';
  const findings: Finding[] = [good('gleaner', version), checkNode(process.versions.node), ...checkSettings(session.settingProblems)];
  // An API that was named may run anywhere: what is on this machine says nothing about it.
  if (!isElsewhere || session.flags.data !== undefined) {
    const ready = await readReadyFile(target.folder);
    findings.push(await checkDataFolder(target.folder), checkRunning(ready, await readOwner(target.folder)));
    if (ready === null) findings.push(await checkPort(config.settings.GLEANER_HOST, config.settings.GLEANER_PORT));
    findings.push(await checkCache(cacheFolder(config)), await checkTemporal(config), await checkBrowser(config));
  }
  findings.push(...(await checkApi(target, session.signal)));
  const badCount = findings.filter((finding) => !finding.isOk).length;
  if (session.flags.json === true) terminal.json({ ok: badCount === 0, checks: findings });
  else {
    const width = Math.max(...findings.map((finding) => finding.name.length));
    for (const finding of findings) {
      const mark = finding.isOk ? terminal.paint('ok ', 'green') : terminal.paint('BAD', 'red');
      terminal.text(`${mark}  ${finding.name.padEnd(width)}  ${plain(finding.detail)}`.trimEnd());
      if (finding.advice !== undefined) terminal.text(`     ${' '.repeat(width)}  ${terminal.paint('→', 'yellow')} ${finding.advice}`);
    }
    terminal.text(badCount === 0 ? '\nEverything is well.' : `\n${badCount} ${badCount === 1 ? 'thing is' : 'things are'} bad.`);
  }
  return badCount === 0 ? EXIT.ok : EXIT.failed;
}
