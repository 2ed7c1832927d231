#!/usr/bin/env node
// Behind every npm script: brings Node 24, the packages, the build, the Temporal CLI and a browser, then runs the command.
// Plain JavaScript without dependencies that runs on Node 20, because nothing is installed yet when it starts.
import { bootstrap } from './bootstrap/bootstrap.mjs';

process.exitCode = await bootstrap(process.argv.slice(2));
