import { impu, type NodeId, nodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import {
  GSI1,
  type Key,
  memberKey,
  ownerGsi1pk,
  registrationGsi1sk,
  registrationKey,
  shardOf,
  trunkMemberKey,
} from '@isthmus/shared/store/keys';
import {
  memberItem,
  type RegistrationItem,
  registrationItem,
} from '@isthmus/shared/store/registration-items';
import type {
  MemberStore,
  RegistrationName,
  RegistrationStore,
  Shared,
  Tenure,
} from '../../ports/stores.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { IS_OWNED, Ownership, ownedBy } from './ownership.ts';

const keyOf = ({ impu: identity, tenantId: tenant }: RegistrationName): Key =>
  registrationKey(tenant, identity);
const nameOf = (item: RegistrationItem): RegistrationName => ({
  tenantId: tenantId(item.tenantId),
  impu: impu(item.impu),
});

/** Where the registration stands in the index: with its owner, in its shard. */
const placeOf = ({ impu: identity, tenantId: tenant }: RegistrationName, owner: NodeId) => ({
  gsi1pk: ownerGsi1pk(owner, shardOf(tenant, identity)),
  gsi1sk: registrationGsi1sk(tenant, identity),
});

export function createDynamoRegistrationStore(table: DynamoTable): RegistrationStore {
  const ownership = new Ownership(table);
  const withIndex = (item: RegistrationItem, by: Tenure) => ({
    ...by,
    along: {
      set: ', #gsi1pk = :place',
      values: { ':place': placeOf(nameOf(item), by.nodeId).gsi1pk },
    },
  });
  return {
    async get(name) {
      const found = await table.get(keyOf(name));
      return found && registrationItem.parse(found);
    },
    async isOwned(name, { epoch, nodeId: by }) {
      const found = await table.get(keyOf(name));
      const item = found && registrationItem.parse(found);
      return item?.owner === by && item.ownerEpoch === epoch;
    },
    create(item) {
      const name = nameOf(item);
      const owner = { nodeId: nodeId(item.owner), epoch: item.ownerEpoch };
      const place = placeOf(name, owner.nodeId);
      const orOurs = { condition: `(${IS_OWNED})`, values: ownedBy(owner) };
      return table.putNew(keyOf(name), { ...item, ...place }, orOurs);
    },
    claim: (item, by) => ownership.claim(keyOf(nameOf(item)), item, withIndex(item, by)),
    async ownedBy(node, shard) {
      const values = { ':pk': ownerGsi1pk(node, shard) };
      const found = await table.query({ index: GSI1, where: '#gsi1pk = :pk', values });
      return found.map((item) => registrationItem.parse(item));
    },
    async end(name, owner) {
      const { instanceId } = name;
      await table.deleteIf(keyOf(name), {
        condition: `${IS_OWNED} AND #instanceId = :instance`,
        values: { ...ownedBy(owner), ':instance': instanceId },
      });
    },
    noteSequence: (name, owner, accepted) => ownership.noteSequence(keyOf(name), owner, accepted),
    offer: (name, owner) => ownership.offer(keyOf(name), owner),
    recall: (name, owner) => ownership.recall(keyOf(name), owner),
    succeed: (item, by) => ownership.succeed(keyOf(nameOf(item)), item, by),
    complete: (item, by) => ownership.complete(keyOf(nameOf(item)), item, withIndex(item, by)),
  };
}

const memberKeyOf = (of: Shared, session: string): Key =>
  'impu' in of
    ? memberKey(of.tenantId, of.impu, sessionId(session))
    : trunkMemberKey(of.tenantId, of.trunkId, sessionId(session));

export const createDynamoMemberStore = (table: DynamoTable): MemberStore => ({
  add: (of, member) => table.put(memberKeyOf(of, member.sessionId), member),
  remove: (of, session) => table.delete(memberKeyOf(of, session)),
  async list(of) {
    const { pk, sk } = memberKeyOf(of, '');
    const where = '#pk = :pk AND begins_with(#sk, :sk)';
    const found = await table.query({ where, values: { ':pk': pk, ':sk': sk } });
    return found.map((item) => memberItem.parse(item));
  },
});
