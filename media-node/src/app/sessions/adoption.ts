import { connectionId, type NodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import { wordsFor } from '@isthmus/shared/domain/release-cause';
import type { CallItem } from '@isthmus/shared/store/call-records';
import type { SessionItem } from '@isthmus/shared/store/items';
import type { MemberItem } from '@isthmus/shared/store/registration-items';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  CallStore,
  MemberStore,
  SessionStore,
  Shared,
  TenantStore,
  Tenure,
} from '../../ports/stores.ts';
import { recordOf } from '../calls/call-records.ts';
import { type Session, tell } from './session.ts';
import type { Sessions } from './sessions.ts';

export interface AdoptionDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tenants: TenantStore;
  readonly members: MemberStore;
  readonly sessions: Sessions;
  readonly store: SessionStore;
  readonly calls: CallStore;
  readonly tenure: () => Tenure;
}

export interface Adopted {
  readonly session: Session;
  readonly member: MemberItem;
}

/** Whose sessions are taken over, and which of its calls have died with it. */
export interface Former {
  readonly nodeId: NodeId;
  readonly calls: readonly CallItem[];
}

/** Why the calls of a dead node ended, as its users are told. */
const CAUSE = 'network-failure';

/** Brings the sessions of a registration that was taken over to this node (SES-8). */
export class Adoption {
  readonly #deps: AdoptionDeps;

  constructor(deps: AdoptionDeps) {
    this.#deps = deps;
  }

  async bring(of: Shared, former: Former): Promise<readonly Adopted[]> {
    const members = await this.#deps.members.list(of);
    const adopted = await Promise.all(members.map((member) => this.#one(of, member, former)));
    return adopted.flatMap((it) => it ?? []);
  }

  /** Each is closed once, whoever comes first. */
  async closeCalls(calls: readonly CallItem[]): Promise<void> {
    const { clock } = this.#deps;
    const end = { endedAtMs: clock.nowMs(), cause: CAUSE } as const;
    for (const call of calls) {
      await this.#deps.calls.end(recordOf(call, end));
    }
  }

  async #one(of: Shared, member: MemberItem, former: Former): Promise<Adopted | undefined> {
    const { members, sessions, store, tenure } = this.#deps;
    const id = sessionId(member.sessionId);
    return sessions.arrive(id, async () => {
      const item = await store.adopt(id, former.nodeId, tenure());
      if (!item) {
        await members.remove(of, id);
        return undefined;
      }
      const session = await this.#open(item);
      await this.#endCalls(session, former.calls);
      return { session, member };
    });
  }

  async #open(item: SessionItem): Promise<Session> {
    const tenant = tenantId(item.tenantId);
    const { device, option, userName } = item;
    const facts = {
      ...{ sessionId: sessionId(item.sessionId), tenantId: tenant, userName, option, device },
      tenant: await this.#deps.tenants.get(tenant),
    };
    const socket = item.connectionId;
    return this.#deps.sessions.open(facts, socket === undefined ? undefined : connectionId(socket));
  }

  async #endCalls(session: Session, calls: readonly CallItem[]): Promise<void> {
    const { sessionId: id } = session;
    const own = calls.filter((call) => call.sessionId === id || call.parties?.includes(id));
    for (const call of own) {
      const { callId: callOf } = call;
      tell(session, { event: 'call.ended', callId: callOf, cause: CAUSE, text: wordsFor(CAUSE) });
    }
    await this.closeCalls(own);
  }
}
