import { anEngine } from './native-engine.ts';

/* A program of its own, to be run where not every system call is permitted. */

const { addon, handle, io, ringRefusal } = anEngine({ address: '127.0.0.1' });
addon.stop(handle);
process.stdout.write(`${JSON.stringify({ io, ringRefusal })}\n`);
