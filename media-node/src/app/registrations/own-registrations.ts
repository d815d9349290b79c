import type { OwnSubscription } from '@isthmus/shared/control/commands';
import { type Impu, impu } from '@isthmus/shared/domain/ids';
import { viewOf } from '@isthmus/shared/errors/error-view';
import type { RegistrationItem } from '@isthmus/shared/store/registration-items';
import type { SipAccountEvent } from '../../ports/sip-accounts.ts';
import type { RegistrationName } from '../../ports/stores.ts';
import type { Former } from '../sessions/adoption.ts';
import { registrationEvent, type Session, tell } from '../sessions/session.ts';
import { completed, type Gift, giftOf, noOffer } from './gift.ts';
import { keepSequence, openAccount } from './open-account.ts';
import { releaseOrphans } from './orphaned-calls.ts';
import { type Beginning, keyOf, nameOf, type OwnRegistration } from './own-registration.ts';
import type { OwnRegistrationsDeps } from './own-registrations-deps.ts';
import { elsewhere, RegistrationRecords } from './registration-records.ts';

const AGAIN_MS = 5_000;

/** Options 2 and 3: a client's own IMPU, registered on its behalf and shared by its devices. */
export class OwnRegistrations {
  readonly #deps: OwnRegistrationsDeps;
  readonly #records: RegistrationRecords;
  readonly #byKey = new Map<string, OwnRegistration>();
  /** Two devices that come at once open one registration. */
  readonly #opening = new Map<string, Promise<OwnRegistration>>();
  /** De-registrations under way: the node does not close before they are through. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(deps: OwnRegistrationsDeps) {
    this.#deps = deps;
    this.#records = new RegistrationRecords(deps);
  }

  get size(): number {
    return this.#byKey.size + this.#opening.size;
  }

  async join(session: Session, subscription: OwnSubscription): Promise<void> {
    const name = { tenantId: session.tenantId, impu: impu(subscription.impu) };
    const registration = await this.#opened(name, () => this.#open(name, subscription));
    await this.#records.addMember(name, session);
    if (registration.verdict) this.#turnAway(registration, session);
    // It may have been handed over meanwhile; the device is told to come to where it is.
    else if (!this.#isHere(registration)) throw elsewhere();
    else this.#add(registration, session);
  }

  /** The last device to leave takes the registration with it. */
  leave(session: Session): void {
    for (const registration of this.#byKey.values()) {
      if (!registration.devices.delete(session)) continue;
      this.#records.forgetMember(registration.name, session);
      if (registration.devices.size === 0) this.#deregister(registration);
    }
  }

  /** Of a node that is no more: this one registers it again, under the same instance. */
  async takeOver(item: RegistrationItem, former: Former): Promise<void> {
    const name = nameOf(item);
    await this.#opened(name, async () => this.#takenOver(await this.#records.claim(item), former));
  }

  /** Of a node that drains: registered here first, so that there is never nobody. */
  async succeed(item: RegistrationItem, from: Former): Promise<void> {
    const { registrations, tenure } = this.#deps;
    const name = nameOf(item);
    if (this.#byKey.has(keyOf(name)) || this.#opening.has(keyOf(name))) return;
    if (!(await registrations.succeed(item, tenure()))) return;
    await this.#opened(name, async () => {
      const whenRegistered = (it: OwnRegistration) => void this.#complete(it, item, from);
      return this.#register(item, { early: [], whenRegistered });
    });
  }

  gifts(): readonly Gift[] {
    const own = [...this.#byKey.values()].filter((it) => it.early === undefined);
    return own.map((registration) => this.#gift(registration));
  }

  /** Without a word to IMS: another node registers, or the store is out of reach. */
  abandon(): void {
    for (const registration of [...this.#byKey.values()]) this.#drop(registration);
    this.#opening.clear();
  }

  /** Those that are being registered beside their owner stay the owner's. */
  dropSuccessions(): void {
    for (const registration of [...this.#byKey.values()]) {
      if (registration.early !== undefined) this.#drop(registration);
    }
  }

  async close(): Promise<void> {
    for (const registration of [...this.#byKey.values()]) this.#deregister(registration);
    await Promise.all(this.#leaving);
  }

  #opened(name: RegistrationName, open: () => Promise<OwnRegistration>): Promise<OwnRegistration> {
    const key = keyOf(name);
    const known = this.#byKey.get(key);
    if (known) return Promise.resolve(known);
    const under = this.#opening.get(key);
    if (under) return under;
    const opening = open().finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #open(name: RegistrationName, given: OwnSubscription): Promise<OwnRegistration> {
    this.#deps.admit(this.#byKey.size);
    const { former, item } = await this.#records.acquire(name, given);
    return former ? this.#takenOver(item, former) : this.#register(item);
  }

  /** Claimed: what fails now is tried again, for nobody else may. */
  async #takenOver(item: RegistrationItem, former: Former): Promise<OwnRegistration> {
    const { adoption, clock, log } = this.#deps;
    const name = nameOf(item);
    try {
      const adopted = await adoption.bring(name, former);
      const devices = adopted.map(({ session }) => session);
      // Its last client may have gone: IMS is told then, as the dead node would have done.
      const whenRegistered = (it: OwnRegistration) => {
        releaseOrphans(it.account, { calls: former.calls, sessions: devices });
        this.#leaveEmpty(it);
      };
      return await this.#register(item, { devices, whenRegistered });
    } catch (cause) {
      log.error('a registration could not be taken over', { tenant: item.tenantId, cause });
      const again = () => this.#opened(name, () => this.#takenOver(item, former));
      clock.after(AGAIN_MS, () => void again().catch(() => undefined));
      throw cause;
    }
  }

  #leaveEmpty(registration: OwnRegistration): void {
    if (registration.devices.size === 0) this.#deregister(registration);
  }

  async #complete(
    registration: OwnRegistration,
    item: RegistrationItem,
    from: Former,
  ): Promise<void> {
    const { adoption, clock, log, registrations, tenure } = this.#deps;
    const { nodeId: me } = tenure();
    const isWanted = async () =>
      this.#isHere(registration) && (await registrations.get(registration.name))?.successor === me;
    const complete = () => registrations.complete(item, tenure());
    const refuseEarly = () => {
      for (const invite of registration.early?.splice(0) ?? []) this.#deps.onIncoming(invite, []);
    };
    try {
      if (!(await completed({ clock, complete, isWanted, refuseEarly }))) {
        this.#drop(registration);
        return;
      }
      registration.account.standAlone();
      for (const { session } of await adoption.bring(registration.name, from)) {
        this.#add(registration, session);
      }
      this.#leaveEmpty(registration);
    } catch (cause) {
      log.error('a registration could not be succeeded to', { tenant: item.tenantId, cause });
    }
    const early = registration.early ?? [];
    registration.early = undefined;
    for (const invite of early) this.#deps.onIncoming(invite, [...registration.devices]);
  }

  async #register(item: RegistrationItem, given: Beginning = {}): Promise<OwnRegistration> {
    const keep = keepSequence(this.#deps, this.#deps.registrations, nameOf(item));
    const account = await openAccount(this.#deps, { ...item, keepSequence: keep }, (event) => {
      this.#happened(registration, event);
    });
    const registration: OwnRegistration = {
      ...{ name: nameOf(item), instanceId: item.instanceId, account, offer: noOffer() },
      ...{ identity: undefined, devices: new Set(), early: given.early, onRegistered: undefined },
      verdict: undefined,
    };
    registration.onRegistered = () => given.whenRegistered?.(registration);
    for (const device of given.devices ?? []) this.#add(registration, device);
    this.#byKey.set(keyOf(registration.name), registration);
    account.register(given.early && 'beside');
    return registration;
  }

  #add(registration: OwnRegistration, session: Session): void {
    registration.devices.add(session);
    const { identity } = registration;
    if (identity === undefined) tell(session, registrationEvent(session, 'registering'));
    else this.#registered(registration, session, identity);
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
        if (registration.early) registration.early.push(event.invite);
        else this.#deps.onIncoming(event.invite, [...registration.devices]);
        return;
      case 'message':
        this.#deps.onMessage(event.message, [...registration.devices]);
    }
  }

  /** A refresh also comes as `registered`: the devices are told only of a change. */
  #up(registration: OwnRegistration, identity: Impu): void {
    const { onRegistered } = registration;
    registration.onRegistered = undefined;
    if (registration.identity !== identity) {
      registration.identity = identity;
      for (const device of registration.devices) this.#registered(registration, device, identity);
    }
    onRegistered?.();
  }

  #registered(registration: OwnRegistration, device: Session, identity: Impu): void {
    device.line = { account: registration.account, identity };
    tell(device, registrationEvent(device, 'registered', { impu: identity }));
  }

  #refused(registration: OwnRegistration, refusal: { status: number; reason: string }): void {
    this.#deps.log.warn('IMS refused a registration', { status: refusal.status });
    registration.verdict = 'refused';
    this.#end(registration);
  }

  /** The network de-registered us, or never let us in: the sessions have no line any more. */
  #end(registration: OwnRegistration): void {
    registration.verdict ??= 'ended';
    this.#forget(registration);
    for (const device of [...registration.devices]) this.#turnAway(registration, device);
    if (registration.early === undefined) void this.#records.end(registration);
  }

  #turnAway(registration: OwnRegistration, device: Session): void {
    if (registration.verdict === 'refused') {
      const error = viewOf('registration.refused');
      tell(device, registrationEvent(device, 'failed', { error }));
    }
    registration.devices.delete(device);
    this.#records.forgetMember(registration.name, device);
    this.#deps.sessions.end(device, 'de-registered-by-network');
  }

  #deregister(registration: OwnRegistration): void {
    this.#forget(registration);
    // The item goes last: should this node die meanwhile, another one finds the ghost.
    const leaving = registration.account
      .deregister()
      .then(() => this.#records.end(registration))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #drop(registration: OwnRegistration): void {
    this.#forget(registration);
    registration.account.close();
  }

  #forget({ name, ...registration }: OwnRegistration): void {
    if (this.#byKey.get(keyOf(name))?.account === registration.account) {
      this.#byKey.delete(keyOf(name));
    }
  }

  #isHere(registration: OwnRegistration): boolean {
    return this.#byKey.get(keyOf(registration.name)) === registration;
  }

  #gift(registration: OwnRegistration): Gift {
    const { registrations, sessions, tenure } = this.#deps;
    const { devices, name } = registration;
    return giftOf({
      ...{ name, tenure, kept: registration.offer, store: registrations, sessions: [...devices] },
      release: () => {
        for (const device of devices) sessions.release(device);
        this.#drop(registration);
      },
    });
  }
}
