// Run under Node 24: starts a browser as the workers do, lets a script draw a page, and prints what it drew.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [executablePath, root] = process.argv.slice(2);
const require = createRequire(join(root, 'libs', 'activities', 'package.json'));
const { chromium } = require('playwright-core');
const browser = await chromium.launch({ executablePath, timeout: 30_000 });
const page = await browser.newPage();
await page.setContent('<p id="a"></p><script>document.getElementById("a").textContent = "drawn by " + "script"</script>');
process.stdout.write(await page.innerText('#a', { timeout: 10_000 }));
await browser.close();
