import { createDnsNames } from '@isthmus/media-node/adapters/dns/dns-names';
import { cryptoIds } from '@isthmus/media-node/adapters/ids/crypto-ids';
import { createSipJsUserAgents } from '@isthmus/media-node/adapters/sipjs/sip-js-user-agents';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { noMetrics } from '@isthmus/media-node/adapters/telemetry/no-metrics';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { createPortableMediaPlane } from '@isthmus/media-node/adapters/werift/portable-media-plane';
import { createXmldomReader } from '@isthmus/media-node/adapters/xml/xmldom-reader';
import { createSipAccounts } from '@isthmus/media-node/app/accounts/sip-accounts';
import { CallDesk } from '@isthmus/media-node/app/calls/call-desk';
import { createCallMediaFactory } from '@isthmus/media-node/app/media/call-media-factory';
import { EventChannel } from '@isthmus/media-node/app/sessions/event-channel';
import type { Session } from '@isthmus/media-node/app/sessions/session';
import type { SipAccount } from '@isthmus/media-node/ports/sip-accounts';
import {
  callId,
  connectionId,
  impi,
  impu,
  nodeId,
  sessionId,
  tenantId,
} from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { inTurn, range } from '../in-turn.ts';
import { personOf } from '../people.ts';
import { runLoad } from '../session/call-load.ts';
import type { Load } from '../session/calling-peer.ts';
import { BROWSER_OFFER } from '../session/offer.ts';
import { stillMediaPlane } from './still-media-plane.ts';

export interface CallsSetUp {
  readonly access: ImsAccess;
  readonly users: number;
  readonly target: string;
  /** `still`: no sockets for media. */
  readonly media: 'still' | 'portable';
}

interface Heard {
  readonly event: string;
  readonly cause?: string;
}

const HOST = '127.0.0.1';
const TENANT = tenantId('bench');
const AT_A_TIME = 10;
const CAPACITY = 10_000;
const WAIT_MS = 10_000;
const LOCAL = { allowLocal: true, refusedRanges: [] };

const { access, users, target, media } = JSON.parse(process.argv[2] ?? '') as CallsSetUp;
const clock = systemClock;
const ids = cryptoIds;
const log = createJsonLog({ stream: process.stderr, clock }, { level: 'error' });
const metrics = noMetrics;
const place = { bindAddress: HOST, announcedAddress: HOST };
const names = createDnsNames({ servers: [] });
const unsealer = { unseal: () => Promise.reject(new Error('nothing is sealed here')) };
const deps = { clock, ids, log, metrics, names, unsealer };
const userAgents = createSipJsUserAgents(deps, place);
const xml = createXmldomReader();
const accounts = createSipAccounts({ userAgents, clock, ids, log, metrics, xml });
const plane = media === 'still' ? stillMediaPlane : await openPlane();
const done = () => Promise.resolve();
const TENURE = { nodeId: nodeId('bench'), epoch: 1 };
const desk = new CallDesk(
  {
    media: createCallMediaFactory({ plane, ids, clock }, { addressPolicy: LOCAL }),
    calls: {
      ...{
        begin: done,
        answered: done,
        admit: () => Promise.resolve('admitted' as const),
        end: () => Promise.resolve(true),
      },
      liveOn: () => Promise.resolve([]),
    },
    ...{ clock, ids, log, metrics, nodeId: 'bench' },
  },
  { capacity: CAPACITY },
);
const tenant = {
  tenantId: TENANT,
  allowedOrigins: ['*'],
  options: ['token' as const],
  ...{ showImpu: true, graceS: 30, codecs: ['G722', 'PCMA', 'PCMU', 'opus'], ims: access },
};
/** Events of a user's call, as they would be posted to his browser. */
const waiting = new Map<string, (heard: Heard) => void>();

function openPlane() {
  return createPortableMediaPlane(
    { clock, ids, metrics },
    {
      browser: { ...place, port: 0, stunPort: 0 },
      ims: { ...place, firstPort: 42_000, lastPort: 49_998, quarantineMs: 1_000 },
      addressPolicy: LOCAL,
      consentExpiryMs: 30_000,
      rtcpIntervalMs: 5_000,
      maxPacketsPerS: 3_000,
    },
  );
}

function sessionOf(index: number, account: SipAccount): Session {
  const id = sessionId(`session-${String(index)}`);
  const push = {
    post: (_: string, json: string) => {
      waiting.get(id)?.(JSON.parse(json) as Heard);
      return Promise.resolve('delivered' as const);
    },
    probe: () => Promise.resolve('alive' as const),
  };
  const sessions = {
    appendEvent: () => Promise.resolve(true),
    adopt: () => Promise.resolve(undefined),
    lastSeq: () => Promise.resolve(0),
    detach: done,
    end: done,
  };
  const channel = new EventChannel(
    { log, push, sessions, tenure: () => TENURE, onGone: () => undefined },
    { tenantId: TENANT, sessionId: id },
    0,
  );
  channel.attach(connectionId(id));
  const { impu: identity } = personOf(index, access.homeDomain);
  return {
    ...{ sessionId: id, tenantId: TENANT, tenant, userName: id, option: 'token', channel },
    line: { account, identity: impu(identity) },
    stopGrace: undefined,
  };
}

async function openUser(index: number): Promise<Session> {
  const { password, ...person } = personOf(index, access.homeDomain);
  const options = { tenant: TENANT, access, instanceId: `urn:uuid:${ids.uuid()}` };
  const who = {
    ...{ impu: impu(person.impu), impi: impi(person.impi) },
    secret: { kind: 'password' as const, password: new Secret(password) },
  };
  return new Promise((resolve, reject) => {
    const account = accounts.open({ ...options, ...who }, ({ kind }) => {
      if (kind === 'registered') resolve(sessionOf(index, account));
      else reject(new Error(`${person.impu} is ${kind}`));
    });
    account.register();
  });
}

function heard(session: Session, wanted: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(WAIT_MS, () => {
      reject(new Error(`no ${wanted}`));
    });
    waiting.set(session.sessionId, ({ event, cause }) => {
      if (event !== wanted && event !== 'call.ended') return;
      cancel();
      if (event === wanted) resolve();
      else reject(new Error(`ended: ${String(cause)}`));
    });
  });
}

async function call(session: Session) {
  const id = callId(ids.uuid());
  const answered = heard(session, 'call.answered');
  const start = { id: 'a', action: 'call.start' as const, callId: id, seq: 0 };
  await desk.command(session, { ...start, target, sdp: BROWSER_OFFER });
  await answered;
  const released = heard(session, 'call.ended');
  await desk.command(session, { id: 'b', action: 'call.hang-up', callId: id, seq: 1 });
  return { released };
}

const sessions: Session[] = [];
await inTurn(range(users), AT_A_TIME, async (index) => {
  sessions[index] = await openUser(index);
});

process.on('message', (order: Load | 'end') => {
  if (order === 'end') {
    void Promise.all([accounts.close(), plane.close()]).finally(() => process.exit());
    return;
  }
  const byUser = (user: number) => {
    const session = sessions[user];
    if (!session) throw new Error(`no user ${String(user)}`);
    return call(session);
  };
  void runLoad(order, { users }, byUser).then((times) => process.send?.(times));
});
process.send?.({});
