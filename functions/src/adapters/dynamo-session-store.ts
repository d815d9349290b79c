import { sessionId, tenantId } from '@isthmus/shared/domain/ids';
import { type EventItem, eventItem, sessionItem } from '@isthmus/shared/store/items';
import { eventKey, GSI1, sessionKey, userSessionsGsi1pk } from '@isthmus/shared/store/keys';
import type { SessionStore } from '../ports/session-store.ts';
import type { DynamoTable } from './dynamo-table.ts';

/** An ended session stays this long, so that a late command learns that it has ended. */
const KEPT_AFTER_END_S = 3_600;

export const createDynamoSessionStore = (table: DynamoTable): SessionStore => ({
  create(session) {
    const gsi1pk = userSessionsGsi1pk(tenantId(session.tenantId), session.userName);
    const item = { ...session, gsi1pk, gsi1sk: session.sessionId };
    return table.put(sessionKey(sessionId(session.sessionId)), item);
  },
  get: (session) => table.get(sessionKey(session), sessionItem),
  move: (session, connection, ttl) =>
    table.update(sessionKey(session), {
      update: 'SET #connectionId = :connection, #ttl = :ttl',
      condition: '#state = :live AND #ttl > :now',
      values: { ':connection': connection, ':ttl': ttl, ':live': 'live', ':now': table.nowS() },
    }),
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
      values: { ':ended': 'ended', ':ttl': table.nowS() + KEPT_AFTER_END_S },
    });
  },
  liveOf(tenant, userName) {
    const values = { ':pk': userSessionsGsi1pk(tenant, userName), ':live': 'live' };
    const selection = { index: GSI1, where: '#gsi1pk = :pk', filter: '#state = :live', values };
    return table.all(selection, sessionItem);
  },
  async eventsAfter(session, seq, limitBytes) {
    const { pk, sk } = eventKey(session, seq + 1);
    const values = { ':pk': pk, ':from': sk, ':to': 'EVENT#~' };
    const where = '#pk = :pk AND #sk BETWEEN :from AND :to';
    const events: EventItem[] = [];
    let sizeBytes = 0;
    for await (const event of table.query({ where, values }, eventItem)) {
      sizeBytes += Buffer.byteLength(event.json);
      if (sizeBytes > limitBytes && events.length > 0) break;
      events.push(event);
    }
    return events;
  },
});
