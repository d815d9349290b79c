import { randomUUID } from 'node:crypto';
import { createDnsNames } from '@isthmus/media-node/adapters/dns/dns-names';
import { cryptoIds } from '@isthmus/media-node/adapters/ids/crypto-ids';
import { createSipJsUserAgents } from '@isthmus/media-node/adapters/sipjs/sip-js-user-agents';
import { createJsonLog } from '@isthmus/media-node/adapters/telemetry/json-log';
import { noMetrics } from '@isthmus/media-node/adapters/telemetry/no-metrics';
import { systemClock } from '@isthmus/media-node/adapters/time/system-clock';
import { createXmldomReader } from '@isthmus/media-node/adapters/xml/xmldom-reader';
import { createSipAccounts } from '@isthmus/media-node/app/accounts/sip-accounts';
import type {
  IncomingInvite,
  SipAccount,
  SipAccountEvent,
} from '@isthmus/media-node/ports/sip-accounts';
import type { SipLegEvent } from '@isthmus/media-node/ports/sip-leg';
import { type Impu, impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { createHurriedClock } from '../hurried-clock.ts';
import { inTurn, range } from '../in-turn.ts';
import { personOf } from '../people.ts';
import { collectGarbage } from './usage.ts';

/** What the SIP part of a media node is asked to do. */
export type SipOrder =
  | { readonly kind: 'register'; readonly access: ImsAccess; readonly work: Work }
  | { readonly kind: 'refresh'; readonly work: Work }
  | { readonly kind: 'call'; readonly user: number; readonly target: string }
  | { readonly kind: 'called' }
  | { readonly kind: 'heap' };

export interface Work {
  readonly users: number;
  readonly atATime: number;
}

export interface Registered {
  /** Users whose P-Associated-URI is their own identity, and begins with it. */
  readonly asThemselves: number;
  readonly failures: readonly string[];
}

/** Who was called, and as whom. */
export interface Called {
  readonly user: number;
  readonly calledImpu: string;
}

const HOST = '127.0.0.1';
const BUSY = 486;
const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';

interface User {
  readonly account: SipAccount;
  readonly impu: Impu;
}

type Outcome = (user: User, event: SipAccountEvent) => void;

const clock = createHurriedClock();
const log = createJsonLog({ stream: process.stderr, clock: systemClock }, { level: 'error' });
const ids = cryptoIds;
const names = createDnsNames({ servers: [] });
const unsealer = { unseal: () => Promise.reject(new Error('nothing is sealed here')) };
const deps = { clock, ids, log, metrics: noMetrics, names, unsealer };
const place = { bindAddress: HOST, announcedAddress: HOST };
const userAgents = createSipJsUserAgents(deps, place);
const xml = createXmldomReader();
const accounts = createSipAccounts({ ...deps, userAgents, xml });
const users: User[] = [];
const called: Called[] = [];
/** Whoever waits for a registration to come out, the longest waiting first. */
const waiting: Outcome[] = [];

function openUser(index: number, access: ImsAccess): User {
  const { password, ...person } = personOf(index, access.homeDomain);
  const user: User = {
    impu: impu(person.impu),
    account: accounts.open(
      {
        ...{ tenant: tenantId('bench'), access, instanceId: `urn:uuid:${randomUUID()}` },
        ...{ impu: impu(person.impu), impi: impi(person.impi) },
        secret: { kind: 'password', password: new Secret(password) },
      },
      (event) => {
        if (event.kind === 'incoming') refuse(index, event.invite);
        else waiting.shift()?.(user, event);
      },
    ),
  };
  users[index] = user;
  return user;
}

/** A sample of calls shows who is called; nobody answers them. */
function refuse(user: number, invite: IncomingInvite): void {
  called.push({ user, calledImpu: invite.calledImpu });
  invite.listen(() => undefined).reject(BUSY);
}

const isThemselves = (user: User, event: SipAccountEvent): boolean =>
  event.kind === 'registered' &&
  event.defaultImpu === user.impu &&
  event.implicitSet.includes(user.impu);

/** Resolves with what came of a registration, be it that of another that `start` overtook. */
function outcome(start: () => void): Promise<Registered> {
  return new Promise((resolve) => {
    waiting.push((user, event) => {
      resolve(judged(user, event));
    });
    start();
  });
}

async function registerAll(access: ImsAccess, { users: count, atATime }: Work) {
  const outcomes: Registered[] = [];
  await inTurn(range(count), atATime, async (index) => {
    const { account } = openUser(index, access);
    const came = outcome(() => {
      account.register();
    });
    outcomes.push(await came);
  });
  return summed(outcomes);
}

/** Refreshes are the account's own: their timers run out early. */
async function refreshSome({ users: count, atATime }: Work) {
  const outcomes: Registered[] = [];
  await inTurn(clock.long().slice(0, count), atATime, async (runOut) => {
    outcomes.push(await outcome(runOut));
  });
  return summed(outcomes);
}

const judged = (user: User, event: SipAccountEvent): Registered =>
  isThemselves(user, event)
    ? { asThemselves: 1, failures: [] }
    : { asThemselves: 0, failures: [`${user.impu}: ${JSON.stringify(event)}`] };

const summed = (outcomes: readonly Registered[]): Registered => ({
  asThemselves: outcomes.reduce((sum, it) => sum + it.asThemselves, 0),
  failures: outcomes.flatMap(({ failures }) => failures).slice(0, 3),
});

function call(index: number, target: string): Promise<SipLegEvent> {
  const user = users[index];
  if (!user) throw new Error(`no user ${String(index)}`);
  return new Promise((resolve) => {
    const identity = user.impu;
    user.account.invite({ identity, target, sdp: SDP }, (event) => {
      if (event.kind !== 'sip-progressed') resolve(event);
    });
  });
}

function carryOut(order: SipOrder): unknown {
  switch (order.kind) {
    case 'register':
      return registerAll(order.access, order.work);
    case 'refresh':
      return refreshSome(order.work);
    case 'call':
      return call(order.user, order.target);
    case 'called':
      return called;
    case 'heap':
      collectGarbage();
      return process.memoryUsage().heapUsed;
    default:
      throw new TypeError('an order of no kind');
  }
}

process.on('message', (order: SipOrder | 'end') => {
  if (order === 'end') void accounts.close().finally(() => process.exit());
  else void Promise.resolve(carryOut(order)).then((answer) => process.send?.(answer));
});
process.send?.({});
