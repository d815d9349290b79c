import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../support/ims-lab/child.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';

/** sipp with the scenario it brings along: rings, answers at once, and waits to be hung up on. */
export interface AnsweringPhone {
  readonly uri: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';

export async function startAnsweringPhone(): Promise<AnsweringPhone> {
  requireTools(['sipp', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'answering-phone-'));
  const [port, mediaPort] = [await findFreePort(HOST), await findFreePort(HOST)];
  const child = await startChild({
    command: 'sipp',
    args: [
      ...['-sn', 'uas', '-nostdin', '-i', HOST, '-p', String(port)],
      ...['-mi', HOST, '-mp', String(mediaPort)],
    ],
    cwd: dir,
    // Without a terminal type sipp's screen does not start.
    env: { TERM: 'xterm' },
  });
  return {
    uri: `sip:far@${HOST}:${String(port)}`,
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
