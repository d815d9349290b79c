import { type EventItem, eventItem } from '@isthmus/shared/store/items';
import { eventKey, sessionKey } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { SessionStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** Longer than any grace time: what a client may still ask for after it was away. */
const EVENT_KEPT_S = 6 * 3_600;
/** An ended session stays this long, so that a late command learns that it has ended. */
const KEPT_AFTER_END_S = 3_600;

export function createDynamoSessionStore(table: DynamoTable, clock: Clock): SessionStore {
  const secondsFromNow = (seconds: number): number => Math.floor(clock.nowMs() / 1000) + seconds;
  return {
    appendEvent: ({ tenantId, sessionId }, seq, json) =>
      table.put(eventKey(sessionId, seq), {
        tenantId,
        seq,
        json,
        ttl: secondsFromNow(EVENT_KEPT_S),
      } satisfies EventItem),
    async lastSeq(session) {
      const [last] = await table.query({
        where: '#pk = :pk AND begins_with(#sk, :events)',
        values: { ':pk': sessionKey(session).pk, ':events': 'EVENT#' },
        backwards: true,
        limit: 1,
      });
      return last ? eventItem.parse(last).seq : 0;
    },
    async detach(session, connection) {
      await table.update(sessionKey(session), {
        update: 'REMOVE #connectionId',
        condition: '#connectionId = :connection',
        values: { ':connection': connection },
      });
    },
    async end(session) {
      await table.update(sessionKey(session), {
        update: 'SET #state = :ended, #ttl = :ttl REMOVE #connectionId, #gsi1pk, #gsi1sk',
        condition: 'attribute_exists(#pk)',
        values: { ':ended': 'ended', ':ttl': secondsFromNow(KEPT_AFTER_END_S) },
      });
    },
  };
}
