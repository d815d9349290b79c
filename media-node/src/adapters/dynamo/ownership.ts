import type { NodeId } from '@isthmus/shared/domain/ids';
import type { Key } from '@isthmus/shared/store/keys';
import type { SequenceRecord } from '../../core/aka/sequence.ts';
import type { Tenure } from '../../ports/stores.ts';
import type { Change, DynamoTable } from './dynamo-table.ts';

/** What says of an item who keeps it. */
export interface Kept {
  readonly owner?: string | undefined;
  readonly ownerEpoch?: number | undefined;
}

/** Attributes that change with the owner, in the words of an update. */
export interface AlongWithOwner {
  readonly set: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const NOTHING: AlongWithOwner = { set: '', values: {} };
export const IS_OWNED = '#owner = :owner AND #ownerEpoch = :ownerEpoch';

export const ownedBy = ({ epoch, nodeId }: Tenure) => ({
  ':owner': nodeId,
  ':ownerEpoch': epoch,
});

/** Who keeps an item, whatever the item is: each change is conditional on the one before. */
export class Ownership {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  /** The former owner's epoch is over: whoever is first has it. */
  claim(key: Key, from: Kept, to: Tenure & { along?: AlongWithOwner }): Promise<boolean> {
    const isUnchanged = from.owner === undefined ? 'attribute_not_exists(#owner)' : isStill(from);
    const values = { ...valuesOf(from), ...newOwner(to) };
    const condition = `attribute_exists(#pk) AND ${isUnchanged}`;
    return this.#table.update(key, moved(condition, values, to.along));
  }

  noteSequence(key: Key, owner: Tenure, accepted: SequenceRecord): Promise<boolean> {
    return this.#table.update(key, {
      update: 'SET #cardSequence = :accepted',
      condition: IS_OWNED,
      values: { ...ownedBy(owner), ':accepted': accepted },
    });
  }

  offer(key: Key, owner: Tenure): Promise<boolean> {
    return this.#table.update(key, {
      update: 'SET #isOffered = :yes',
      condition: IS_OWNED,
      values: { ...ownedBy(owner), ':yes': true },
    });
  }

  recall(key: Key, owner: Tenure): Promise<boolean> {
    const update = 'REMOVE #isOffered';
    return this.#table.update(key, { update, condition: IS_OWNED, values: ownedBy(owner) });
  }

  succeed(key: Key, from: Kept, { nodeId }: Tenure): Promise<boolean> {
    const isFree = 'attribute_not_exists(#successor) OR #successor = :successor';
    return this.#table.update(key, {
      update: 'SET #successor = :successor',
      condition: `${isStill(from)} AND #isOffered = :yes AND (${isFree})`,
      values: { ...valuesOf(from), ':yes': true, ':successor': nodeId },
    });
  }

  complete(key: Key, from: Kept, to: Tenure & { along?: AlongWithOwner }): Promise<boolean> {
    const condition = `${isStill(from)} AND #isOffered = :yes AND #successor = :successor`;
    const mine = { ':yes': true, ':successor': to.nodeId };
    return this.#table.update(
      key,
      moved(condition, { ...valuesOf(from), ...newOwner(to), ...mine }, to.along),
    );
  }
}

function moved(
  condition: string,
  values: Readonly<Record<string, unknown>>,
  along: AlongWithOwner = NOTHING,
): Change {
  return {
    update: `SET #owner = :node, #ownerEpoch = :epoch${along.set} REMOVE #isOffered, #successor`,
    condition,
    values: { ...values, ...along.values },
  };
}

/** A trunk of a former release has an owner without an epoch. */
const isStill = ({ ownerEpoch }: Kept): string =>
  ownerEpoch === undefined ? '#owner = :owner AND attribute_not_exists(#ownerEpoch)' : IS_OWNED;

const valuesOf = ({ owner, ownerEpoch }: Kept) => ({
  ...(owner === undefined ? {} : { ':owner': owner }),
  ...(owner === undefined || ownerEpoch === undefined ? {} : { ':ownerEpoch': ownerEpoch }),
});

const newOwner = ({ epoch, nodeId }: Tenure & { nodeId: NodeId }) => ({
  ':node': nodeId,
  ':epoch': epoch,
});
