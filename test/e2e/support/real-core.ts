import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistrationOption } from '@isthmus/shared/domain/registration-option';
import type { DemoUser, DemoWorld } from '../../../local/src/demo-world.ts';
import { FAULTS, useLocalCredentials } from '../../../local/src/env.ts';
import { type Stack, startStack } from '../../../local/src/stack.ts';
import { createJsonLog } from '../../../media-node/src/adapters/telemetry/json-log.ts';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { CHEAP_PASSWORDS } from '../../support/cheap-passwords.ts';
import type { Baresip } from '../../support/ims-lab/baresip.ts';
import type { ImsLab } from '../../support/ims-lab/ims-lab.ts';
import type { PrintedUser } from './isthmus-process.ts';

export type OptionName = 'IP-PBX' | 'Same credentials' | 'Token';

export interface Site {
  /** Its people are named after it: sites share one core, and no subscription. */
  readonly name: string;
  readonly transport: 'tcp' | 'udp';
  /** What the trunk's subscription has besides its own identity. */
  readonly trunkImpus: readonly string[];
  /** A gateway that does all that API Gateway may do. */
  readonly faults?: boolean;
}

/** Isthmus before a real IMS core, whose HSS knows its people. */
export interface RealCoreStack {
  readonly url: string;
  readonly trunkImpu: string;
  user(option: OptionName, index?: number): PrintedUser;
  /** What the stack logged so far: what to read when a call went wrong. */
  log(): string;
  close(): Promise<void>;
}

const TENANT = 'coast';
const OPTIONS: Readonly<Record<OptionName, RegistrationOption>> = {
  'IP-PBX': 'ip-pbx',
  'Same credentials': 'same-credentials',
  Token: 'token',
};

export async function startOnRealCore(lab: ImsLab, site: Site): Promise<RealCoreStack> {
  useLocalCredentials();
  const world = worldOf(lab.domain, site);
  for (const { domain: _, ...subscriber } of world.subscribers) lab.addSubscriber(subscriber);
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-real-core-'));
  const lines: string[] = [];
  const stream = { write: (line: string) => lines.push(line) };
  const log = createJsonLog({ stream, clock: systemClock }, { level: 'debug' });
  const { transport } = site;
  let stack: Stack | undefined = await startStack({
    passwordCost: CHEAP_PASSWORDS,
    port: 0,
    dataDir,
    log,
    transport,
    faults: site.faults ? FAULTS : [],
    pcscf: lab.pcscf,
    world,
  });
  return {
    url: `http://localhost:${String(stack.port)}`,
    trunkImpu: world.tenants[0]?.trunk.impu ?? '',
    user: (option, index = 0) => userOf(world.users, option, index),
    log: () => lines.join(''),
    async close() {
      await stack?.close();
      stack = undefined;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function worldOf(domain: string, { name, trunkImpus }: Site): DemoWorld {
  const subscriptionOf = (person: string) => ({
    impu: `sip:${person}-${name}@${domain}`,
    impi: `${person}-${name}@${domain}`,
    password: `pw-${person}`,
  });
  const [trunk, same, vault] = [
    subscriptionOf('pbx'),
    subscriptionOf('dora'),
    subscriptionOf('fern'),
  ];
  const password = 'a password of the web';
  const pbxUsers = ['amira', 'bela'].map((userName) => ({
    ...{ tenant: TENANT, option: 'ip-pbx' as const, userName, password },
  }));
  return {
    tenants: [{ tenant: TENANT, domain, trunk }],
    users: [
      ...pbxUsers,
      {
        ...{ tenant: TENANT, option: 'same-credentials' },
        ...{ userName: same.impu, password: same.password },
      },
      { tenant: TENANT, option: 'token', userName: 'fern', password, vault },
    ],
    subscribers: [trunk, same, vault].map(({ impu, ...credentials }) => ({
      domain,
      ...credentials,
      impus: impu === trunk.impu ? [impu, ...trunkImpus] : [impu],
    })),
  };
}

function userOf(users: readonly DemoUser[], option: OptionName, index: number): PrintedUser {
  const user = users.filter((it) => it.option === OPTIONS[option])[index];
  if (!user) throw new Error(`no user ${String(index)} for ${option}`);
  return { option, userName: user.userName, password: user.password };
}

/** The loudest sample a baresip heard in its latest call, of 32767. */
export async function loudestHeard(phone: Baresip): Promise<number> {
  const heard = (await phone.recordings()).filter((name) => name.endsWith('-dec.wav')).sort();
  const wav = await readFile(heard.at(-1) ?? '');
  const start = wav.indexOf('data') + 8;
  let loudest = 0;
  for (let at = start; at + 1 < wav.length; at += 2) {
    loudest = Math.max(loudest, Math.abs(wav.readInt16LE(at)));
  }
  return loudest;
}

/** Short beside a beep, long beside a wave. */
const BLOCK = 4_096;
/** Full scale is 1; below this is silence. */
const AUDIBLE = 1e-5;

/** Of all that a phone ever heard: how pure a tone was when it was purest, up to 1. */
export async function purityHeard(phone: Baresip, toneHz: number): Promise<number> {
  const heard = (await phone.recordings()).filter((name) => name.endsWith('-dec.wav'));
  const wavs = await Promise.all(heard.map((name) => readFile(name)));
  return Math.max(0, ...wavs.map((wav) => purityIn(wav, toneHz)));
}

function purityIn(wav: Buffer, toneHz: number): number {
  const step = 2 * wav.readUInt16LE(22);
  const turn = (2 * Math.PI * toneHz) / wav.readUInt32LE(24);
  let purest = 0;
  for (let at = wav.indexOf('data') + 8; at + BLOCK * step < wav.length; at += BLOCK * step) {
    let [real, imaginary, power] = [0, 0, 0];
    for (let n = 0; n < BLOCK; n += 1) {
      const sample = wav.readInt16LE(at + n * step) / 32_768;
      real += sample * Math.cos(turn * n);
      imaginary += sample * Math.sin(turn * n);
      power += sample * sample;
    }
    if (power / BLOCK < AUDIBLE) continue;
    purest = Math.max(purest, (2 * (real * real + imaginary * imaginary)) / (BLOCK * power));
  }
  return purest;
}
