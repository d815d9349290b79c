import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../../support/ims-lab/child.ts';
import { fill, moduleFolder } from '../../support/ims-lab/cscf-files.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';
import { callRpc } from '../../support/ims-lab/scscf-rpc.ts';

/** One Kamailio that registers whoever knows his password, and forwards calls to him. */
export interface Registrar {
  readonly domain: string;
  readonly host: string;
  /** UDP and TCP. */
  readonly port: number;
  /** REGISTER requests it has received so far. */
  registers(): Promise<number>;
  stop(): Promise<void>;
}

const HOST = '127.0.21.1';
const DOMAIN = 'registrar.test';
const READY_MS = 10_000;
const POLL_MS = 50;

export async function startRegistrar(): Promise<Registrar> {
  requireTools(['kamailio', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'registrar-'));
  const [port, rpcPort] = await Promise.all([findFreePort(HOST), findFreePort(HOST)]);
  const file = join(dir, 'registrar.cfg');
  const template = await readFile(new URL('registrar.cfg', import.meta.url), 'utf8');
  const [PORT, RPC_PORT] = [String(port), String(rpcPort)];
  await writeFile(file, fill(template, { HOST, PORT, RPC_PORT, DOMAIN, MODULES: moduleFolder() }));
  const child = await startChild({
    command: '/usr/sbin/kamailio',
    args: ['-DD', '-E', '-f', file, '-Y', dir, '-w', dir, '-m', '64', '-M', '8'],
    cwd: dir,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await untilListening(port, () => child.output());
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ domain: DOMAIN, host: HOST, port, stop },
    async registers() {
      const method = 'stats.get_statistics';
      const params = ['rcv_requests_register'];
      const answer = await callRpc({ host: HOST, port: rpcPort, method, params });
      return Number(/rcv_requests_register = (\d+)/.exec(answer)?.[1]);
    },
  };
}

async function untilListening(port: number, output: () => string): Promise<void> {
  const deadlineMs = Date.now() + READY_MS;
  while (!(await isListening(port))) {
    if (Date.now() > deadlineMs) throw new Error(`The registrar did not start:\n${output()}`);
    await sleep(POLL_MS);
  }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
