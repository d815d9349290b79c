import type { OwnSubscription } from '@isthmus/shared/control/commands';
import { nodeId } from '@isthmus/shared/domain/ids';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type {
  CallStore,
  MemberStore,
  NodeRegistry,
  RegistrationName,
  RegistrationStore,
  Tenure,
} from '../../ports/stores.ts';
import type { Former } from '../sessions/adoption.ts';
import type { Session } from '../sessions/session.ts';
import type { OwnRegistration } from './own-registration.ts';

export interface RegistrationRecordsDeps {
  readonly registrations: RegistrationStore;
  readonly members: MemberStore;
  readonly calls: Pick<CallStore, 'liveOn'>;
  readonly registry: Pick<NodeRegistry, 'bury'>;
  readonly tenure: () => Tenure;
  readonly ids: Ids;
  readonly log: Log;
}

export interface Acquired {
  readonly item: RegistrationItem;
  /** Of a node that is no more; its devices come along. */
  readonly former?: Former;
}

/** What is written of the registrations of this node, for the others to find. */
export class RegistrationRecords {
  readonly #deps: RegistrationRecordsDeps;

  constructor(deps: RegistrationRecordsDeps) {
    this.#deps = deps;
  }

  /** A new one, or that of a dead node. Throws `registration.elsewhere` where another has it. */
  async acquire(name: RegistrationName, given: OwnSubscription): Promise<Acquired> {
    const { calls, ids, registrations, registry } = this.#deps;
    const { impi, impu, sealedPassword, secretKind } = given;
    const instanceId = `urn:uuid:${ids.uuid()}`;
    const { tenantId } = name;
    const item = this.#asOurs({
      ...{ tenantId, impu, impi, sealedPassword, instanceId },
      ...(secretKind && { secretKind }),
    });
    if (await registrations.create(item)) return { item };
    const existing = await registrations.get(name);
    const owner = existing && { nodeId: nodeId(existing.owner), epoch: existing.ownerEpoch };
    if (!owner || !(await registry.bury(owner))) throw elsewhere(existing?.owner);
    const claimed = await this.claim(existing);
    return { item: claimed, former: { ...owner, calls: await calls.liveOn(owner.nodeId) } };
  }

  async claim(item: RegistrationItem): Promise<RegistrationItem> {
    const { registrations, tenure } = this.#deps;
    if (!(await registrations.claim(item, tenure()))) throw elsewhere(item.owner);
    return this.#asOurs(item);
  }

  async end({ instanceId, name }: OwnRegistration): Promise<void> {
    const { log, registrations, tenure } = this.#deps;
    try {
      await registrations.end({ ...name, instanceId }, tenure());
    } catch (cause) {
      log.error('a registration could not be forgotten', { tenant: name.tenantId, cause });
    }
  }

  addMember(name: RegistrationName, { sessionId }: Session): Promise<void> {
    const { impu, tenantId } = name;
    return this.#deps.members.add(name, { tenantId, sessionId, impu });
  }

  forgetMember(name: RegistrationName, { sessionId }: Session): void {
    this.#deps.members.remove(name, sessionId).catch((cause: unknown) => {
      this.#deps.log.error('a device could not be forgotten', { tenant: name.tenantId, cause });
    });
  }

  #asOurs(item: Omit<RegistrationItem, 'owner' | 'ownerEpoch'>): RegistrationItem {
    const { epoch, nodeId: owner } = this.#deps.tenure();
    return { ...item, owner, ownerEpoch: epoch };
  }
}

export const elsewhere = (owner = 'none'): IwfError<'registration.elsewhere'> =>
  new IwfError('registration.elsewhere', { nodeId: owner });
