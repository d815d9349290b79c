import { randomBytes, randomUUID } from 'node:crypto';
import { impi, impu, tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import { createDnsNames } from '../../media-node/src/adapters/dns/dns-names.ts';
import type { LocalAddress } from '../../media-node/src/adapters/sipjs/local-addresses.ts';
import { createSipJsUserAgents } from '../../media-node/src/adapters/sipjs/sip-js-user-agents.ts';
import { systemClock } from '../../media-node/src/adapters/time/system-clock.ts';
import { createXmldomReader } from '../../media-node/src/adapters/xml/xmldom-reader.ts';
import { createSipAccounts } from '../../media-node/src/app/accounts/sip-accounts.ts';
import type { BulkRegistration } from '../../media-node/src/core/registration/bulk.ts';
import type { Clock } from '../../media-node/src/ports/clock.ts';
import type { Ids } from '../../media-node/src/ports/ids.ts';
import type { Log } from '../../media-node/src/ports/log.ts';
import type {
  ImsSecret,
  IncomingInvite,
  SipAccount,
  SipAccountEvent,
  SipAccounts,
} from '../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../media-node/src/ports/sip-leg.ts';
import type { SipUserAgents } from '../../media-node/src/ports/sip-user-agent.ts';
import type { Unsealer } from '../../media-node/src/ports/unsealer.ts';

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLog,
};

/** Events in the order they came, and a way to wait for one. */
export class Heard<E extends { readonly kind: string }> {
  readonly events: E[] = [];
  readonly #waiting: { kind: string; take: (event: E) => void }[] = [];
  #listen: (event: E) => void = () => undefined;
  readonly hear = (event: E): void => {
    this.events.push(event);
    this.#listen(event);
    const at = this.#waiting.findIndex(({ kind }) => kind === event.kind);
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.take(event);
  };

  /** Every event from now on. */
  listen(listen: (event: E) => void): void {
    this.#listen = listen;
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  /** The next event of a kind from now on, or the last that came already. */
  async heard<K extends E['kind']>(kind: K, withinMs = 10_000): Promise<Extract<E, { kind: K }>> {
    const known = this.events.findLast((it) => it.kind === kind);
    if (known) return known as Extract<E, { kind: K }>;
    return await this.next(kind, withinMs);
  }

  next<K extends E['kind']>(kind: K, withinMs = 10_000): Promise<Extract<E, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`waited for ${kind}, heard ${this.kinds.join(', ')}`));
      }, withinMs);
      this.#waiting.push({
        kind,
        take: (event) => {
          clearTimeout(timer);
          resolve(event as Extract<E, { kind: K }>);
        },
      });
    });
  }
}

export interface BenchOptions {
  readonly access: Partial<ImsAccess> & Pick<ImsAccess, 'pcscf'>;
  readonly impu?: string;
  readonly impi?: string;
  readonly password?: string;
  readonly secret?: ImsSecret;
  readonly bulk?: BulkRegistration;
  readonly accessNetworkInfo?: string | undefined;
  /** One of its own where absent. */
  readonly instanceId?: string;
}

export interface Bench {
  readonly accounts: SipAccounts;
  readonly dropped: string[];
  open(options: BenchOptions): { account: SipAccount; heard: Heard<SipAccountEvent> };
}

export const anAccess = (access: BenchOptions['access']): ImsAccess => ({
  homeDomain: 'ims.test',
  transport: 'tcp',
  initialAuthorization: true,
  ...access,
});

/** Of the world behind the accounts, what a test brings itself. */
export interface BenchWorld {
  readonly other?: LocalAddress;
  /** `address:port` of DNS servers of its own. */
  readonly dnsServers?: readonly string[];
  readonly unsealer?: Unsealer;
}

const sealsNothing: Unsealer = {
  unseal: () => Promise.reject(new Error('this bench has no sealed secrets')),
};

const ids: Ids = {
  random: (bits) => randomBytes(Math.ceil(bits / 8)).toString('base64url'),
  uuid: () => randomUUID(),
};

/** SIP on real sockets, without any accounts. */
export function createUserAgents(
  clock: Clock,
  {
    bindAddress = '127.0.0.1',
    log = silentLog,
    onDropped = () => undefined,
    ...world
  }: BenchWorld & {
    readonly bindAddress?: string;
    readonly log?: Log;
    readonly onDropped?: (reason: string) => void;
  } = {},
): SipUserAgents {
  const { dnsServers = [], other, unsealer = sealsNothing } = world;
  const metrics = {
    count: (_name: string, dimensions?: Readonly<Record<string, string>>) => {
      onDropped(dimensions?.['reason'] ?? '');
    },
  };
  return createSipJsUserAgents(
    { clock, ids, log, metrics, unsealer, names: createDnsNames({ servers: dnsServers }) },
    { bindAddress, announcedAddress: bindAddress, ...(other && { other }) },
  );
}

/** The real accounts on real sockets. */
export function createBench(
  clock: Clock = systemClock,
  bindAddress = '127.0.0.1',
  log: Log = silentLog,
  world: BenchWorld = {},
): Bench {
  const dropped: string[] = [];
  const userAgents = createUserAgents(clock, {
    ...world,
    bindAddress,
    log,
    onDropped: (reason) => dropped.push(reason),
  });
  const metrics = {
    count: (_name: string, dimensions?: Readonly<Record<string, string>>) => {
      dropped.push(dimensions?.['reason'] ?? '');
    },
  };
  const accounts = createSipAccounts({
    ...{ userAgents, clock, ids, log, metrics },
    xml: createXmldomReader(),
  });
  return {
    accounts,
    dropped,
    open({
      access,
      accessNetworkInfo,
      bulk = { mode: 'off', numbers: [] },
      instanceId = `urn:uuid:${randomUUID()}`,
      impi: privateId = 'alice@ims.test',
      impu: publicId = 'sip:alice@ims.test',
      password = 'pw:1',
      secret = { kind: 'password', password: new Secret(password) },
    }) {
      const heard = new Heard<SipAccountEvent>();
      const account = accounts.open(
        {
          tenant: tenantId('t1'),
          impu: impu(publicId),
          impi: impi(privateId),
          secret,
          access: anAccess(access),
          ...{ instanceId, bulk, accessNetworkInfo },
        },
        heard.hear,
      );
      return { account, heard };
    },
  };
}

/** Waits for an INVITE and listens to its leg. */
export async function takeInvite(heard: Heard<SipAccountEvent>): Promise<{
  invite: IncomingInvite;
  leg: ReturnType<IncomingInvite['listen']>;
  legHeard: Heard<SipLegEvent>;
}> {
  const { invite } = await heard.heard('incoming');
  const legHeard = new Heard<SipLegEvent>();
  return { invite, leg: invite.listen(legHeard.hear), legHeard };
}
