// Loaded before the database where no small filesystem can be mounted: a write that makes a file longer
// fails with ENOSPC while the flag file exists.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const flag = process.execArgv.find((argument) => argument.includes('full-disk.mjs'))?.split('?flag=')[1];
const isFull = () => flag !== undefined && fs.existsSync(decodeURIComponent(flag));
const original = fs.writeSync;
fs.writeSync = (descriptor, ...rest) => {
  const [, , length, position] = rest;
  const status = fs.fstatSync(descriptor);
  const grows = typeof position === 'number' && position + length > status.size;
  if (status.isFile() && grows && isFull())
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' });
  return original(descriptor, ...rest);
};
syncBuiltinESMExports();
