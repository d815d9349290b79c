import { assertNever } from '@isthmus/shared/assert-never';
import type { RegisterAnswer } from '@isthmus/shared/control/answers';
import type { ControlCommand, RegisterCommand } from '@isthmus/shared/control/commands';
import { connectionId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { TenantItem } from '@isthmus/shared/store/items';
import type { TenantStore } from '../../ports/stores.ts';
import type { CallDesk } from '../calls/call-desk.ts';
import type { Forwarding } from '../calls/forwarding.ts';
import type { MessageDesk } from '../messages/message-desk.ts';
import type { OwnRegistrations } from '../registrations/own-registrations.ts';
import type { Trunks } from '../registrations/trunks.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface ControlDeskDeps {
  readonly tenants: TenantStore;
  readonly sessions: Sessions;
  readonly own: OwnRegistrations;
  readonly trunks: Trunks;
  readonly calls: CallDesk;
  readonly messages: MessageDesk;
  readonly forwarding: Forwarding;
  readonly iceServersFor: (tenant: TenantItem) => Promise<RegisterAnswer['iceServers']>;
  /** Throws where this node may not act. */
  readonly admit: () => void;
}

export type ControlDesk = (command: ControlCommand) => Promise<Record<string, unknown>>;

/** What the functions ask of this node; the answer is theirs to pass on, or a thrown `IwfError`. */
export function createControlDesk(deps: ControlDeskDeps): ControlDesk {
  const { sessions, calls } = deps;
  return async (command) => {
    deps.admit();
    await sessions.settled(sessionId(command.sessionId));
    if (command.kind === 'register') return register(deps, command);
    const session = sessions.get(sessionId(command.sessionId), tenantId(command.tenant));
    switch (command.kind) {
      case 'attach':
        sessions.attach(session, connectionId(command.connectionId));
        // Those of its beginning run out; a client comes back in two hours at the latest.
        return { iceServers: await deps.iceServersFor(session.tenant) };
      case 'detach':
        sessions.detach(session.sessionId, connectionId(command.connectionId));
        return {};
      case 'unregister':
        sessions.end(session, 'logged-out');
        return {};
      case 'call':
        return calls.command(session, command.request);
      case 'message':
        return deps.messages.send(session, command.request);
      case 'forwarding':
        return deps.forwarding.command(session, command.request);
      default:
        return assertNever(command);
    }
  };
}

async function register(
  deps: ControlDeskDeps,
  command: RegisterCommand,
): Promise<Record<string, unknown>> {
  const tenant = await deps.tenants.get(tenantId(command.tenant));
  const session = await deps.sessions.open(
    {
      sessionId: sessionId(command.sessionId),
      tenantId: tenantId(command.tenant),
      tenant,
      userName: command.userName,
      option: command.option,
      device: command.device,
    },
    connectionId(command.connectionId),
  );
  const { subscriber } = command;
  try {
    if (subscriber.kind === 'own') await deps.own.join(session, subscriber);
    else await deps.trunks.join(session, subscriber);
  } catch (error) {
    // The functions end a session that no node took.
    deps.sessions.release(session);
    throw error;
  }
  return { iceServers: await deps.iceServersFor(tenant) };
}
