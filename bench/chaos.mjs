/** `npm run chaos`: kill -9 of every process while a crawl runs; ends with 1 when the result is another than that of an undisturbed crawl. */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run-chaos.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    pages: { type: 'string', default: '600' },
    kills: { type: 'string', default: '20' },
    latency: { type: 'string', default: '150' },
    fail: { type: 'string', default: '0.05' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('Usage: npm run chaos -- [--seed N (1)] [--pages N (600)] [--kills N (20)] [--latency MS (150)] [--fail SHARE (0.05)]');
  process.exit();
}
const { seed, pages: size, kills: wanted, latency, fail } = values;
const numbers = { seed: Number(seed), pages: Number(size), kills: Number(wanted), latencyMs: Number(latency), failShare: Number(fail) };
console.log(`chaos: seed ${numbers.seed}, ${numbers.pages} pages, ${numbers.kills} kills, ${numbers.latencyMs} ms a page`);
const { kills, broken, pages, seconds } = await runChaos({ ...numbers, tell: (line) => console.log(line) });
console.log(
  `\n  killed     ${Object.entries(Object.groupBy(kills, (name) => name))
    .map(([name, all]) => `${name} ${all.length}`)
    .join(', ')}`,
);
console.log(`  stored     ${pages} pages in ${seconds.toFixed(1)} s`);
console.log(`  differs    ${broken.length === 0 ? 'nothing: the result is that of the undisturbed crawl' : `${broken.length}`}`);
for (const line of broken.slice(0, 20)) console.log(`             ${line}`);
process.exit(broken.length === 0 ? 0 : 1);
