import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { findFreePort } from './free-port.ts';
import type { ImsLab } from './ims-lab.ts';
import { requireTools } from './required-tools.ts';

export interface LinphoneOptions {
  readonly user: string;
  readonly password: string;
  readonly transport: 'udp' | 'tcp';
}

/** A linphone without a screen or a sound card, told what to do by words. */
export interface Linphone {
  dial(uri: string): void;
  accept(): void;
  hangUp(): void;
  hold(): void;
  /** Hands whom it talks to in one of its calls to that of another (RFC 5589 §7). */
  transfer(call: number, to: number): void;
  resume(): void;
  /** Resolves when it is in no call: it dials nobody while one of its calls is not quite over. */
  isFree(): Promise<void>;
  /** A WAV file that it says from now on, in every call; before that it is silent. */
  speak(path: string): void;
  /** Resolves with the first group when it prints so, behind what was waited for last. */
  says(words: RegExp): Promise<string>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const WITHIN_MS = 15_000;
const POLL_MS = 50;

/** It listens nowhere unless both ports are set, and finds no network where only loopback is. */
const configuration = (
  { user, password, transport }: LinphoneOptions,
  { lab, sipPort, rtpPort }: { lab: ImsLab; sipPort: number; rtpPort: number },
): string => `
[sip]
sip_port=${String(sipPort)}
sip_tcp_port=${String(sipPort)}
sip_tls_port=0
auto_net_state_mon=0
use_ipv6=0
guess_hostname=0
register_only_when_network_is_up=0
default_proxy=0
[rtp]
audio_rtp_port=${String(rtpPort)}
[net]
dns_srv_enabled=0
[proxy_0]
reg_proxy=<sip:${lab.pcscf.host}:${String(lab.pcscf.port)};transport=${transport}>
reg_route=<sip:${lab.pcscf.host}:${String(lab.pcscf.port)};transport=${transport};lr>
reg_identity=<sip:${user}@${lab.domain}>
reg_expires=600
reg_sendregister=1
[auth_info_0]
username=${user}
userid=${user}@${lab.domain}
passwd=${password}
realm=${lab.domain}
domain=${lab.domain}
`;

function listenTo(child: Child): Linphone['says'] {
  let read = 0;
  return async (words) => {
    const deadlineMs = Date.now() + WITHIN_MS;
    for (;;) {
      const found = words.exec(child.output().slice(read));
      if (found) {
        read += found.index + found[0].length;
        return found[1] ?? '';
      }
      if (Date.now() > deadlineMs) {
        throw new Error(`linphone never said ${String(words)}:\n${child.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
}

/** Registered on return. */
export async function startLinphone(lab: ImsLab, options: LinphoneOptions): Promise<Linphone> {
  requireTools(['linphonec', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'ims-linphone-'));
  const [sipPort, rtpPort] = [await findFreePort(HOST), await findFreePort(HOST)];
  await mkdir(join(dir, '.local/share/linphone'), { recursive: true });
  await writeFile(join(dir, 'linphonerc'), configuration(options, { lab, sipPort, rtpPort }));
  const child = await startChild({
    command: 'linphonec',
    args: ['-c', 'linphonerc'],
    cwd: dir,
    env: { HOME: dir },
    takesWords: true,
  });
  const says = listenTo(child);
  const isFree = async (): Promise<void> => {
    for (const deadlineMs = Date.now() + WITHIN_MS; ; ) {
      child.say('calls');
      const word = await says(/(No active call|Destination)/);
      if (word === 'No active call') return;
      if (Date.now() > deadlineMs)
        throw new Error(`linphone is still in a call:\n${child.output()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    child.say('soundcard use files');
    await says(/Using wav files/);
    await lab.untilContacts(`sip:${options.user}@${lab.domain}`, 1);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    dial: (uri) => {
      child.say(`call ${uri}`);
    },
    accept: () => {
      child.say('answer');
    },
    hangUp: () => {
      child.say('terminate');
    },
    transfer: (call, to) => {
      child.say(`transfer ${String(call)} --to-call ${String(to)}`);
    },
    hold: () => {
      child.say('pause');
    },
    resume: () => {
      child.say('resume');
    },
    speak: (path) => {
      child.say(`play ${path}`);
    },
    says,
    isFree,
    stop,
  };
}
