import { AuthenticationCentre, type Card } from './authentication-centre.ts';

export interface Subscriber {
  readonly impi: string;
  readonly password: string;
  /** Authenticated by IMS-AKA instead of the password. */
  readonly card?: Card;
  /** The implicit registration set; its first not barred entry is the default identity. */
  readonly impus: readonly string[];
  /** Those of `impus` that can be registered but not used for calls. */
  readonly barred?: readonly string[];
}

/** `alice` is alice@ims.test with the password `pw-alice`; `sip:alice@ims.test` is her default identity. */
export const subscriber = (user: string, ...more: readonly string[]): Subscriber => ({
  impi: `${user}@ims.test`,
  password: `pw-${user}`,
  impus: [`sip:${user}@ims.test`, ...more],
});

/** What the HSS knows of one subscriber besides what was provisioned. */
export interface SubscriberRecord extends Subscriber {
  scscfName: string | undefined;
  /** Diameter host of the S-CSCF that serves the subscriber: where an RTR goes. */
  scscfPeer: string | undefined;
  isRegistered: boolean;
  readonly centre: AuthenticationCentre | undefined;
}

export interface SubscriberBook {
  add(subscriber: Subscriber): void;
  byImpi(impi: string): SubscriberRecord | undefined;
  byImpu(impu: string): SubscriberRecord | undefined;
  all(): readonly SubscriberRecord[];
}

/** `sip:Bob@IMS.test;user=phone` and `sip:bob@ims.test` are one identity (TS 23.003 §13.4). */
export const canonicalImpu = (uri: string): string =>
  uri
    .replace(/^sips:/i, 'sip:')
    .replace(/;.*$/, '')
    .toLowerCase();

/** `sip:+1555@ims.test` names the same subscriber as `tel:+1555` (TS 29.228 §6.1.4). */
const telOf = (impu: string): string | undefined => {
  const number = /^sip:(\+\d+)@/.exec(impu)?.[1];
  return number === undefined ? undefined : `tel:${number}`;
};

const isWildcarded = (impu: string): boolean => impu.includes('!');

/** The part between the exclamation marks is a regular expression (TS 23.003 §13.4A). */
function matchesWildcard(wildcarded: string, impu: string): boolean {
  const [before = '', pattern = '', after = ''] = wildcarded.split('!');
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal(before)}${pattern}${literal(after)}$`, 'i').test(impu);
}

const ownsByWildcard = (subscriber: Subscriber, impu: string): boolean =>
  subscriber.impus.some((own) => isWildcarded(own) && matchesWildcard(own, impu));

export function createSubscriberBook(): SubscriberBook {
  const records = new Map<string, SubscriberRecord>();
  const byName = new Map<string, SubscriberRecord>();
  const ownerOf = (impu: string): SubscriberRecord | undefined =>
    byName.get(impu) ?? [...records.values()].find((record) => ownsByWildcard(record, impu));
  return {
    add(subscriber) {
      const record = {
        ...subscriber,
        scscfName: undefined,
        scscfPeer: undefined,
        isRegistered: false,
        centre: subscriber.card && new AuthenticationCentre(subscriber.card),
      };
      records.set(subscriber.impi, record);
      for (const impu of subscriber.impus) byName.set(canonicalImpu(impu), record);
    },
    byImpi: (impi) => records.get(impi),
    byImpu(uri) {
      const impu = canonicalImpu(uri);
      const tel = telOf(impu);
      return ownerOf(impu) ?? (tel === undefined ? undefined : ownerOf(tel));
    },
    all: () => [...records.values()],
  };
}

const publicIdentity = (subscriber: Subscriber, impu: string): string => {
  const isBarred = subscriber.barred?.includes(impu) === true ? 1 : 0;
  return `<PublicIdentity><BarringIndication>${String(isBarred)}</BarringIndication><Identity>${impu}</Identity></PublicIdentity>`;
};

/** A number has an alias SIP URI in the same set, by which this S-CSCF finds it (TS 23.003 §13.4). */
function withAliases(subscriber: Subscriber, domain: string): readonly string[] {
  const aliases = subscriber.impus
    .filter((impu) => impu.startsWith('tel:'))
    .map((impu) => `sip:${impu.slice('tel:'.length)}@${domain}`);
  return [...new Set([...subscriber.impus, ...aliases])];
}

/** The user profile an S-CSCF gets with its server assignment (TS 29.228 annex E). */
export const userData = (subscriber: Subscriber, domain: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><IMSSubscription><PrivateID>${subscriber.impi}</PrivateID>` +
  `<ServiceProfile>${withAliases(subscriber, domain)
    .map((impu) => publicIdentity(subscriber, impu))
    .join('')}</ServiceProfile></IMSSubscription>`;
