/**
 * What can be said of docker-compose.yml and the Dockerfile without a Docker engine: every command starts a file that the
 * build makes, every setting exists and is valid, every queue is served, images are pinned, every copied path is there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { QUEUES, SETTINGS } from '@gleaner/domain';
import { parse } from 'yaml';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const problems = [];

const compose = parse(read('docker-compose.yml'), { merge: true });
const served = new Set();
for (const [name, service] of Object.entries(compose.services)) {
  if (!/:[\w.-]*\d/.test(service.image ?? '')) problems.push(`service ${name}: its image has no version`);
  for (const volume of service.volumes ?? [])
    if (!(volume.split(':')[0] in compose.volumes)) problems.push(`service ${name}: unknown volume ${volume}`);
  for (const needed of Object.keys(service.depends_on ?? {}))
    if (!(needed in compose.services)) problems.push(`service ${name}: depends on ${needed}, which is none`);
  if (service.build === undefined) continue;
  const [program, script, ...flags] = service.command ?? [];
  if (program !== 'node' || !existsSync(new URL(script, root))) problems.push(`service ${name}: ${script} is not what the build makes`);
  const pools = flags[flags.indexOf('--pools') + 1]?.split(',') ?? [];
  for (const pool of pools) {
    if (QUEUES.includes(pool)) served.add(pool);
    else problems.push(`service ${name}: ${pool} is no queue`);
  }
  for (const [setting, value] of Object.entries(service.environment ?? {})) {
    if (!(setting in SETTINGS)) problems.push(`service ${name}: ${setting} is not a setting`);
    else if (!value.includes('${') && !SETTINGS[setting].parse(value).ok)
      problems.push(`service ${name}: ${setting}=${value} is not valid`);
  }
}
for (const queue of QUEUES) if (!served.has(queue)) problems.push(`no service serves the queue ${queue}`);

for (const [, sources] of read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
  for (const path of sources.split(' '))
    if (!existsSync(new URL(path, root))) problems.push(`Dockerfile copies ${path}, which is not there`);
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
}
