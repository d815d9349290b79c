import type { OwnSubscription } from '@isthmus/shared/control/commands';
import { type Impu, impi, impu } from '@isthmus/shared/domain/ids';
import { viewOf } from '@isthmus/shared/errors/error-view';
import type { Ids } from '../../ports/ids.ts';
import type { Log } from '../../ports/log.ts';
import type {
  IncomingInvite,
  SipAccount,
  SipAccountEvent,
  SipAccounts,
} from '../../ports/sip-accounts.ts';
import type { Unsealer } from '../../ports/unsealer.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { imsSecretOf } from './ims-secret.ts';

export interface OwnRegistrationsDeps {
  readonly accounts: SipAccounts;
  readonly unsealer: Unsealer;
  readonly sessions: Sessions;
  readonly ids: Ids;
  readonly log: Log;
  readonly onIncoming: (invite: IncomingInvite, devices: readonly Session[]) => void;
}

interface OwnRegistration {
  readonly key: string;
  readonly account: SipAccount;
  readonly devices: Set<Session>;
  /** Default identity once registered (REG-7). */
  identity: Impu | undefined;
}

/** Options 2 and 3: a client's own IMPU, registered on its behalf and shared by its devices. */
export class OwnRegistrations {
  readonly #deps: OwnRegistrationsDeps;
  readonly #byKey = new Map<string, OwnRegistration>();
  /** De-registrations under way: the node does not close before they are through. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(deps: OwnRegistrationsDeps) {
    this.#deps = deps;
  }

  async join(session: Session, subscription: OwnSubscription): Promise<void> {
    const key = `${session.tenantId}|${subscription.impu}`;
    const registration = this.#byKey.get(key) ?? (await this.#open(key, session, subscription));
    registration.devices.add(session);
    if (registration.identity === undefined)
      tell(session, registrationEvent(session, 'registering'));
    else this.#registered(registration, session, registration.identity);
  }

  /** The last device to leave takes the registration with it. */
  leave(session: Session): void {
    for (const registration of this.#byKey.values()) {
      if (!registration.devices.delete(session) || registration.devices.size > 0) continue;
      this.#deregister(registration);
    }
  }

  async close(): Promise<void> {
    for (const registration of [...this.#byKey.values()]) this.#deregister(registration);
    await Promise.all(this.#leaving);
  }

  #deregister({ account, key }: OwnRegistration): void {
    this.#byKey.delete(key);
    const leaving = account.deregister().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  async #open(
    key: string,
    session: Session,
    subscription: OwnSubscription,
  ): Promise<OwnRegistration> {
    const { accounts, ids, unsealer } = this.#deps;
    const context = {
      tenant: session.tenantId,
      purpose: 'ims',
      subject: subscription.impi,
    } as const;
    const secret = await unsealer.unseal(subscription.sealedPassword, context);
    const raced = this.#byKey.get(key);
    if (raced) return raced;
    const account = accounts.open(
      {
        tenant: session.tenantId,
        impu: impu(subscription.impu),
        impi: impi(subscription.impi),
        secret: imsSecretOf(subscription.secretKind, secret),
        access: session.tenant.ims,
        instanceId: `urn:uuid:${ids.uuid()}`,
      },
      (event) => {
        this.#happened(registration, event);
      },
    );
    const registration: OwnRegistration = {
      key,
      account,
      devices: new Set(),
      identity: undefined,
    };
    this.#byKey.set(key, registration);
    account.register();
    return registration;
  }

  #happened(registration: OwnRegistration, event: SipAccountEvent): void {
    switch (event.kind) {
      case 'registered':
        this.#up(registration, event.defaultImpu);
        return;
      case 'refused':
        this.#refused(registration, event);
        return;
      case 'lost':
        registration.identity = undefined;
        for (const device of registration.devices) {
          tell(device, registrationEvent(device, 'registering'));
        }
        return;
      case 'unregistered':
        this.#end(registration);
        return;
      case 'incoming':
        this.#deps.onIncoming(event.invite, [...registration.devices]);
    }
  }

  /** A refresh also comes as `registered`: the devices are told only of a change. */
  #up(registration: OwnRegistration, identity: Impu): void {
    if (registration.identity === identity) return;
    registration.identity = identity;
    for (const device of registration.devices) this.#registered(registration, device, identity);
  }

  #registered(registration: OwnRegistration, device: Session, identity: Impu): void {
    device.line = { account: registration.account, identity };
    tell(device, registrationEvent(device, 'registered', { impu: identity }));
  }

  #refused(registration: OwnRegistration, refusal: { status: number; reason: string }): void {
    this.#deps.log.warn('IMS refused a registration', { status: refusal.status });
    const error = viewOf('registration.refused');
    for (const device of registration.devices) {
      tell(device, registrationEvent(device, 'failed', { error }));
    }
    this.#end(registration);
  }

  /** The network de-registered us, or never let us in: the sessions have no line any more. */
  #end(registration: OwnRegistration): void {
    this.#byKey.delete(registration.key);
    for (const device of [...registration.devices]) {
      registration.devices.delete(device);
      this.#deps.sessions.end(device, 'de-registered-by-network');
    }
  }
}
