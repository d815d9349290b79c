import { tenantId } from '@isthmus/shared/domain/ids';
import { Secret } from '@isthmus/shared/domain/secret';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { err } from '@isthmus/shared/result';
import { createDirectoryAuthenticator } from '../../../functions/src/adapters/directory-authenticator.ts';
import { createScryptPasswordHasher } from '../../../functions/src/adapters/scrypt-password-hasher.ts';
import { type Claim, verifyUser } from '../../../functions/src/use-cases/verify-user.ts';
import { aTenant } from '../../support/a-tenant.ts';
import { DYNAMO_ENGINES } from '../../support/dynamo-engines.ts';
import { type DynamoStores, startDynamoStores } from '../../support/dynamo-stores.ts';
import { median, rounded, toHundredth } from '../numbers.ts';
import type { Row } from '../report.ts';

const TENANT = 'acme';
const RIGHT = 'right-horse-battery';
/** Nobody is throttled: what is measured is what lies behind. */
const LIMITS = { perUser: 1e6, perAddress: 1e6, windowS: 900 };

/** Refused alike, whatever was wrong; the name is new each time where there is to be no such user. */
const GUESSES: Readonly<Record<string, (round: number) => Claim>> = {
  'a wrong password': () => claim('alice', 'wrong-horse-battery'),
  'no such user': (round) => claim(`nobody-${String(round)}`, 'wrong-horse-battery'),
  'the right password at another tenant': () => ({ ...claim('alice', RIGHT), tenant: 'globex' }),
};

const claim = (userName: string, password: string): Claim => ({
  ...{ tenant: TENANT, userName },
  password: new Secret(password),
});

/** How long a guesser waits for each refusal, one after the other in turn, and how far they are apart. */
export async function refusals(rounds: number): Promise<readonly Row[]> {
  const [[, start] = []] = DYNAMO_ENGINES;
  if (!start) throw new Error('there is no engine');
  const dynamo = await startDynamoStores(start, 'login-bench');
  try {
    const guess = await guesserOf(dynamo);
    const waits = new Map<string, number[]>(Object.keys(GUESSES).map((it) => [it, []]));
    for (let round = -2; round < rounds; round++) {
      for (const [name, make] of Object.entries(GUESSES)) {
        const ms = await guess(make(round));
        if (round >= 0) waits.get(name)?.push(ms);
      }
    }
    return rowsOf(waits);
  } finally {
    await dynamo.close();
  }
}

async function guesserOf({
  clock,
  stores,
}: DynamoStores): Promise<(claim: Claim) => Promise<number>> {
  const hasher = createScryptPasswordHasher();
  const own = tenantId(TENANT);
  await stores.tenants.put(aTenant(TENANT));
  await stores.users.put({
    ...{ tenantId: TENANT, userName: 'alice' },
    passwordHash: await hasher.hash(new Secret(RIGHT)),
  });
  const deps = {
    ...{ tenants: stores.tenants, attempts: stores.attempts, clock },
    directory: createDirectoryAuthenticator({ hasher, users: stores.users }),
    oidc: { authenticate: () => Promise.resolve(err('wrong-password' as const)) },
  };
  const connection = {
    ...{ connectionId: 'c-1', tenantId: own, sourceIp: '192.0.2.1' },
    ...{ connectedAtMs: 0, ttl: 0 },
  };
  return async (guessed) => {
    const fromMs = performance.now();
    const refused = await verifyUser(deps, LIMITS, { connection, claim: guessed }).catch(
      (thrown: unknown) => thrown,
    );
    const tookMs = performance.now() - fromMs;
    if (refused instanceof IwfError && refused.code === 'login.refused') return tookMs;
    throw new Error('a guess was not refused', { cause: refused });
  };
}

function rowsOf(waits: ReadonlyMap<string, readonly number[]>): readonly Row[] {
  const medians = [...waits].map(([subject, ms]) => ({ subject, ms: median(ms) }));
  const all = medians.map(({ ms }) => ms);
  return [
    ...medians.map(({ subject, ms }) => ({
      ...{ case: 'a refused log-in', subject, rounds: waits.get(subject)?.length ?? 0 },
      p50Ms: rounded(ms),
    })),
    {
      ...{ case: 'refused log-ins', subject: 'all alike' },
      longestToShortestRatio: toHundredth(Math.max(...all) / Math.min(...all)),
    },
  ];
}
