import type { RegisterAnswer } from '@isthmus/shared/control/answers';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type { TurnCredentials } from '../../ports/turn-credentials.ts';
import type { Unsealer } from '../../ports/unsealer.ts';

export interface IceServersDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly unsealer: Unsealer;
  readonly turn: TurnCredentials;
  readonly stunUrl: string;
}

const DAY_S = 86_400;
const NAME_BITS = 96;

/** The node's own STUN, and the tenant's TURN with credentials for this session alone. */
export async function iceServersFor(
  { clock, ids, log, unsealer, turn, stunUrl }: IceServersDeps,
  { tenantId: tenant, turn: service }: Pick<TenantItem, 'tenantId' | 'turn'>,
): Promise<RegisterAnswer['iceServers']> {
  const own = { urls: stunUrl };
  if (!service) return [own];
  const { sealedSecret, ttlS = DAY_S, urls } = service;
  try {
    const context = { tenant, purpose: 'turn', subject: tenant } as const;
    const secret = await unsealer.unseal(sealedSecret, context);
    const expiresAtS = Math.floor(clock.nowMs() / 1000) + ttlS;
    // At random: neither the TURN server nor who listens there learns who calls.
    const credential = turn.issue(secret, { name: ids.random(NAME_BITS), expiresAtS });
    return [own, ...urls.map((url) => ({ urls: url, ...credential }))];
  } catch (cause) {
    log.error('the secret of TURN cannot be had', { tenant, cause });
    return [own];
  }
}
