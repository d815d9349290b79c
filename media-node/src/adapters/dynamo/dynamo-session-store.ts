import { type EventItem, eventItem, sessionItem } from '@isthmus/shared/store/items';
import { eventKey, sessionKey } from '@isthmus/shared/store/keys';
import type { Clock } from '../../ports/clock.ts';
import type { SessionStore } from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** Longer than any grace time: what a client may still ask for after it was away. */
const EVENT_KEPT_S = 6 * 3_600;
/** An ended session stays this long, so that a late command learns that it has ended. */
const KEPT_AFTER_END_S = 3_600;

/** Functions name the node before it is asked, and the epoch they found it in. */
const IS_OURS = '#nodeId = :node AND (attribute_not_exists(#nodeEpoch) OR #nodeEpoch = :epoch)';

export function createDynamoSessionStore(table: DynamoTable, clock: Clock): SessionStore {
  const secondsFromNow = (seconds: number): number => Math.floor(clock.nowMs() / 1000) + seconds;
  return {
    appendEvent({ json, owner: { sessionId, tenantId }, seq, writer }) {
      const name = `${writer.nodeId}#${String(writer.epoch)}`;
      const ttl = secondsFromNow(EVENT_KEPT_S);
      const item: EventItem = { tenantId, seq, json, writer: name, ttl };
      const ours = { condition: '#writer = :writer', values: { ':writer': name } };
      return table.putNew(eventKey(sessionId, seq), item, ours);
    },
    async lastSeq(session) {
      const [last] = await table.query({
        where: '#pk = :pk AND begins_with(#sk, :events)',
        values: { ':pk': sessionKey(session).pk, ':events': 'EVENT#' },
        backwards: true,
        limit: 1,
      });
      return last ? eventItem.parse(last).seq : 0;
    },
    async adopt(session, from, { epoch, nodeId }) {
      const found = await table.updated(sessionKey(session), {
        update: 'SET #nodeId = :node, #nodeEpoch = :epoch',
        condition: '#state = :live AND #nodeId = :from',
        values: { ':node': nodeId, ':epoch': epoch, ':live': 'live', ':from': from },
      });
      return found && sessionItem.parse(found);
    },
    async detach(session, connection) {
      await table.update(sessionKey(session), {
        update: 'REMOVE #connectionId',
        condition: '#connectionId = :connection',
        values: { ':connection': connection },
      });
    },
    async end(session, { epoch, nodeId }) {
      await table.update(sessionKey(session), {
        update: 'SET #state = :ended, #ttl = :ttl REMOVE #connectionId, #gsi1pk, #gsi1sk',
        condition: IS_OURS,
        values: {
          ':ended': 'ended',
          ':ttl': secondsFromNow(KEPT_AFTER_END_S),
          ':node': nodeId,
          ':epoch': epoch,
        },
      });
    },
  };
}
