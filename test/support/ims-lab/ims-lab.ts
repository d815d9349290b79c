import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CscfRole, writeCscfFiles } from './cscf-files.ts';
import { CscfServers } from './cscf-servers.ts';
import { findFreePort } from './free-port.ts';
import { type HssControl, startHss } from './hss.ts';
import { requireTools } from './required-tools.ts';
import { callRpc, contactsIn } from './scscf-rpc.ts';
import type { Subscriber } from './subscriber-book.ts';

export interface ImsLab {
  readonly domain: string;
  /** Takes SIP over UDP and TCP on the same port. */
  readonly pcscf: { readonly host: string; readonly port: number };
  /** What every registration learns as its Service-Route. */
  readonly serviceRoute: string;
  readonly hss: HssControl;
  addSubscriber(subscriber: Subscriber): void;
  /** Contact URIs the S-CSCF's registrar holds for a public identity. */
  scscfContacts(impu: string): Promise<readonly string[]>;
  /** Resolves when it holds so many; what ended is swept out once a second. */
  untilContacts(impu: string, count: number): Promise<void>;
  /** Process ids of the servers' leaders. */
  readonly pids: readonly number[];
  /** The servers are killed, all they knew with them; the HSS stays. */
  crash(): Promise<void>;
  /** After a crash: the same servers at the same addresses, who know nobody; the P-CSCF comes last. */
  restart(): Promise<void>;
  /** Latest output of each server, and what the HSS was asked. */
  logs(): string;
  stop(): Promise<void>;
}

export interface ImsLabOptions {
  readonly subscribers?: readonly Subscriber[];
}

const DOMAIN = 'ims.test';
/** UEs live on 127.0.0.1; the P-CSCF knows its core neighbours by these addresses. */
const HOSTS = {
  pcscf: '127.0.20.1',
  icscf: '127.0.20.2',
  scscf: '127.0.20.3',
  hss: '127.0.20.4',
} as const;
/** baresip of Debian has no Service-Route; the P-CSCF puts it in for this User-Agent. */
const LENIENT_AGENT = 'baresip';
const READY_TIMEOUT_MS = 15_000;
const POLL_MS = 50;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function waitUntil(
  isReady: () => boolean | Promise<boolean>,
  what: () => string,
): Promise<void> {
  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  while (!(await isReady())) {
    if (Date.now() > deadlineMs) throw new Error(what());
    await sleep(POLL_MS);
  }
}

async function choosePorts(): Promise<Readonly<Record<CscfRole | 'rpc', number>>> {
  const [pcscf, icscf, scscf, rpc] = await Promise.all([
    findFreePort(HOSTS.pcscf),
    findFreePort(HOSTS.icscf),
    findFreePort(HOSTS.scscf),
    findFreePort(HOSTS.scscf),
  ]);
  return { pcscf, icscf, scscf, rpc };
}

/** Starts P-, I- and S-CSCF and an HSS on loopback; ready to take registrations on return. */
export async function startImsLab(options: ImsLabOptions = {}): Promise<ImsLab> {
  requireTools(['kamailio', 'setpriv']);
  const dir = await mkdtemp(join(tmpdir(), 'ims-lab-'));
  const ports = await choosePorts();
  const scscfName = `sip:${HOSTS.scscf}:${String(ports.scscf)}`;
  const asked: string[] = [];
  // The HSS goes first: a CSCF that finds none tries again only seconds later.
  const hss = await startHss({
    host: HOSTS.hss,
    realm: DOMAIN,
    scscfName,
    log: (line) => asked.push(line),
  });
  for (const subscriber of options.subscribers ?? []) hss.addSubscriber(subscriber);
  await writeCscfFiles(dir, {
    DOMAIN,
    LENIENT_AGENT,
    SCSCF_NAME: scscfName,
    PCSCF_HOST: HOSTS.pcscf,
    PCSCF_PORT: String(ports.pcscf),
    ICSCF_HOST: HOSTS.icscf,
    ICSCF_PORT: String(ports.icscf),
    SCSCF_HOST: HOSTS.scscf,
    SCSCF_PORT: String(ports.scscf),
    RPC_PORT: String(ports.rpc),
    HSS_HOST: HOSTS.hss,
    HSS_PORT: String(hss.port),
  });
  const servers = new CscfServers(dir);
  const logs = (): string => [...servers.outputs(), asked.join('\n')].join('\n---\n');
  const stop = async (): Promise<void> => {
    await servers.stop();
    await hss.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const untilServing = (): Promise<void> =>
    waitUntil(
      () => hss.state().peers.length === 2,
      () => `The IMS core did not start:\n${logs()}`,
    );
  try {
    await servers.start();
    await untilServing();
  } catch (error) {
    await stop();
    throw error;
  }
  const scscfContacts = async (impu: string): Promise<readonly string[]> =>
    contactsIn(
      await callRpc({
        host: HOSTS.scscf,
        port: ports.rpc,
        method: 'ulscscf.showimpu',
        params: [impu],
      }),
    );
  return {
    domain: DOMAIN,
    pcscf: { host: HOSTS.pcscf, port: ports.pcscf },
    serviceRoute: `<sip:orig@${HOSTS.scscf}:${String(ports.scscf)};lr>`,
    hss,
    addSubscriber: (subscriber) => {
      hss.addSubscriber(subscriber);
    },
    scscfContacts,
    untilContacts: (impu, count) =>
      waitUntil(
        async () => (await scscfContacts(impu)).length === count,
        () => `The S-CSCF never had ${String(count)} contacts of ${impu}`,
      ),
    pids: servers.pids(),
    async crash() {
      await servers.kill();
      await waitUntil(
        () => hss.state().peers.length === 0,
        () => 'The HSS still has its peers',
      );
    },
    async restart() {
      await servers.start(['icscf', 'scscf']);
      await untilServing();
      await servers.start(['pcscf']);
    },
    logs,
    stop,
  };
}
