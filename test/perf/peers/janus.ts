import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startChild } from '../../support/ims-lab/child.ts';
import { findFreePort } from '../../support/ims-lab/free-port.ts';
import { requireTools } from '../../support/ims-lab/required-tools.ts';

/** The SIP and NoSIP plugins of Janus as Debian has it, behind its JSON API on a WebSocket. */
export interface Janus {
  readonly pid: number;
  readonly url: string;
  output(): string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const READY_MS = 10_000;
const POLL_MS = 50;
const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];

/** Of its plugins and transports only what is measured; warnings and errors are logged. */
const settings = (dir: string, library: string): string => `general: {
  configs_folder = "${dir}"
  plugins_folder = "${dir}/plugins"
  transports_folder = "${library}/janus/transports"
  events_folder = "${dir}/none"
  loggers_folder = "${dir}/none"
  debug_level = 3
  debug_colors = false
  session_timeout = 0
}
certificates: { }
media: { ipv6 = false }
nat: { nice_debug = false }
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`;

const SIP = `general: {
  local_ip = "${HOST}"
  local_media_ip = "${HOST}"
  sdp_ip = "${HOST}"
  keepalive_interval = 120
  behind_nat = false
  register_ttl = 3600
  rtp_port_range = "20000-40000"
  events = false
}
`;

const NO_SIP = `general: { local_ip = "${HOST}" }
`;

const webSocket = (port: number): string => `general: {
  json = "compact"
  ws = true
  ws_port = ${String(port)}
  ws_ip = "${HOST}"
  wss = false
}
admin: { admin_ws = false }
`;

export async function startJanus(): Promise<Janus> {
  requireTools(['janus', 'setpriv']);
  const library = LIBRARIES.find((it) => existsSync(join(it, 'janus/plugins/libjanus_sip.so')));
  if (library === undefined) throw new Error('Janus has no SIP plugin');
  const dir = await mkdtemp(join(tmpdir(), 'janus-'));
  const port = await findFreePort(HOST);
  await writeFiles(dir, library, port);
  const child = await startChild({
    command: 'janus',
    args: ['-F', dir, '-C', join(dir, 'janus.jcfg')],
    cwd: dir,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const url = `ws://${HOST}:${String(port)}/`;
  try {
    await untilServing(url, () => child.output());
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid, url, output: () => child.output(), stop };
}

async function writeFiles(dir: string, library: string, port: number): Promise<void> {
  await mkdir(join(dir, 'none'));
  await mkdir(join(dir, 'plugins'));
  for (const plugin of ['libjanus_sip.so', 'libjanus_nosip.so']) {
    await symlink(join(library, 'janus/plugins', plugin), join(dir, 'plugins', plugin));
  }
  await writeFile(join(dir, 'janus.jcfg'), settings(dir, library));
  await writeFile(join(dir, 'janus.plugin.sip.jcfg'), SIP);
  await writeFile(join(dir, 'janus.plugin.nosip.jcfg'), NO_SIP);
  await writeFile(join(dir, 'janus.transport.websockets.jcfg'), webSocket(port));
}

async function untilServing(url: string, output: () => string): Promise<void> {
  const deadlineMs = Date.now() + READY_MS;
  while (!(await isServing(url))) {
    if (Date.now() > deadlineMs) throw new Error(`Janus did not start:\n${output()}`);
    await sleep(POLL_MS);
  }
}

const isServing = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, 'janus-protocol');
    socket.once('open', () => {
      socket.close();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
