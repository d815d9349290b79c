import { anEngine, NO_EVENTS, NOTHING, rtp } from './native-engine.ts';

/* A program of its own, to be run where the kernel has no room for what is sent to browsers. */

const HOST = '127.0.0.1';
const RTP_PORT = 43_560;
const MASTER = new Uint8Array(30).fill(3);
const PASSING = Uint8Array.from({ length: 128 }, (_, payloadType) => payloadType);
const NOBODY = { address: HOST, port: 9 };

const { addon, handle } = anEngine({ address: HOST });
addon.open(handle, 0, 1, 'full', RTP_PORT);
addon.setKeys(handle, 0, 1, MASTER, MASTER, NOBODY);
addon.connectIms(handle, 0, NOBODY, NOBODY, false, 0, NOTHING, NOTHING);
addon.setRewrite(handle, 0, PASSING, PASSING, 8000, 8000, NO_EVENTS, NO_EVENTS);
addon.setGate(handle, 0, true, true, false);
for (const sequence of [1, 2, 3]) addon.send(handle, 0, false, rtp(sequence));
addon.stop(handle);
process.stdout.write('it went on\n');
