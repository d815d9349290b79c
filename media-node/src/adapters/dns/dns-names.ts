import { lookup, NODATA, NOTFOUND, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressRecord } from '../../core/pcscf/records.ts';
import type { Lookup, Names } from '../../ports/names.ts';

export interface DnsNamesOptions {
  /** `address` or `address:port`; those of the machine where there is none. */
  readonly servers: readonly string[];
}

const TIMEOUT_MS = 2_000;
const TRIES = 2;
/** Of what the machine itself knows, without asking anyone. */
const HOSTS_TTL_S = 60;
const LITERAL_TTL_S = 86_400;

/** Asks without a thread of the pool, so that a dead server holds up nobody else. */
export function createDnsNames({ servers }: DnsNamesOptions): Names {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  const addressesOf = async (host: string): Promise<Lookup<AddressRecord>> => {
    const [six, four] = await Promise.all([
      found(resolver.resolve6(host, { ttl: true })),
      found(resolver.resolve4(host, { ttl: true })),
    ]);
    if (six === 'failed' && four === 'failed') return 'failed';
    return [...addressRecords(six, 6), ...addressRecords(four, 4)];
  };
  return {
    async naptr(domain) {
      return await found(resolver.resolveNaptr(domain));
    },
    async srv(name) {
      return await found(resolver.resolveSrv(name));
    },
    async addresses(host) {
      const family = isIP(host);
      if (family !== 0) return [literal(host, family)];
      // RFC 6761 §6.3: nobody else is asked for it.
      if (host === 'localhost') return (await knownToTheMachine(host)) ?? [];
      const records = await addressesOf(host);
      const isEnough = servers.length > 0 || (records !== 'failed' && records.length > 0);
      return isEnough ? records : ((await knownToTheMachine(host)) ?? records);
    },
  };
}

const literal = (address: string, family: number): AddressRecord => ({
  ...{ family: family === 6 ? 6 : 4, address, ttlS: LITERAL_TTL_S },
});

/** No such name, and no such record, are answers; everything else is none. */
async function found<R>(asked: Promise<readonly R[]>): Promise<Lookup<R>> {
  try {
    return await asked;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === NOTFOUND || code === NODATA ? [] : 'failed';
  }
}

const addressRecords = (
  records: Lookup<{ readonly address: string; readonly ttl: number }>,
  family: 4 | 6,
): readonly AddressRecord[] =>
  records === 'failed' ? [] : records.map(({ address, ttl }) => ({ family, address, ttlS: ttl }));

/** Its hosts file, which the DNS knows nothing of. */
async function knownToTheMachine(host: string): Promise<readonly AddressRecord[] | undefined> {
  try {
    const found = await lookup(host, { all: true });
    return found.map(({ address, family }) => ({
      ...{ family: family === 6 ? 6 : 4, address, ttlS: HOSTS_TTL_S },
    }));
  } catch {
    // What the DNS said stands then.
    return undefined;
  }
}
