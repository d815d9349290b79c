import type { Action } from '@isthmus/shared/wire/requests';

export type RoutedConcern = 'login' | 'token' | 'registration' | 'session';

/** Which Lambda answers which action. A new action of the wire does not compile without its line. */
export const ROUTES: Readonly<Record<Action, RoutedConcern>> = {
  login: 'login',
  token: 'token',
  register: 'registration',
  resume: 'registration',
  logout: 'registration',
  'call.start': 'session',
  'call.candidate': 'session',
  'call.ring': 'session',
  'call.accept': 'session',
  'call.decline': 'session',
  'call.answer': 'session',
  'call.restart': 'session',
  'call.hang-up': 'session',
  'call.hold': 'session',
  'call.resume': 'session',
  'call.video': 'session',
  'call.transfer': 'session',
  'call.transfer-to': 'session',
  'call.trace': 'session',
  'call.numbers': 'session',
  'message.send': 'session',
  'forwarding.set': 'session',
  'forwarding.get': 'session',
};
