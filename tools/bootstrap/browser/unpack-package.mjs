// Run under Node 24 with TMPDIR set to a private folder: the package unpacks into the temporary folder of the system, and
// takes whatever lies there already. Its own launch arguments are not used.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const packageFolder = process.argv[2];
const { default: chromium, inflate } = await import(pathToFileURL(join(packageFolder, 'build', 'index.js')).href);
await chromium.executablePath();
// Shared libraries that a bare system lacks: NSS, NSPR, expat.
await inflate(join(packageFolder, 'bin', 'al2023.tar.br'));
