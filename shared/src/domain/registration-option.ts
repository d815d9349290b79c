/** The three ways of third-party registration (3GPP TR 23.701 §6.1.2.1.2, options 1 to 3). */
export const REGISTRATION_OPTIONS = ['ip-pbx', 'same-credentials', 'token'] as const;

export type RegistrationOption = (typeof REGISTRATION_OPTIONS)[number];
