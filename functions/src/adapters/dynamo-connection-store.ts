import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { connectionId } from '@isthmus/shared/domain/ids';
import { connectionItem } from '@isthmus/shared/store/items';
import { connectionKey } from '@isthmus/shared/store/keys';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { type DynamoTable, failing } from './dynamo-table.ts';

const IS_OPEN = 'attribute_exists(#pk)';

export const createDynamoConnectionStore = (table: DynamoTable): ConnectionStore => ({
  open: (connection) => table.put(connectionKey(connectionId(connection.connectionId)), connection),
  get: (connection) => table.get(connectionKey(connection), connectionItem),
  logIn: (connection, login) =>
    table.update(connectionKey(connection), {
      update: 'SET #login = :login',
      condition: IS_OPEN,
      values: { ':login': login },
    }),
  attach: (connection, session) =>
    table.update(connectionKey(connection), {
      update: 'SET #sessionId = :session REMOVE #login',
      condition: IS_OPEN,
      values: { ':session': session },
    }),
  async clear(connection) {
    const update = 'REMOVE #login, #sessionId';
    await table.update(connectionKey(connection), { update, condition: IS_OPEN });
  },
  async close(connection) {
    const command = new DeleteCommand({ TableName: table.name, Key: connectionKey(connection) });
    await failing('delete', table.client.send(command));
  },
});
