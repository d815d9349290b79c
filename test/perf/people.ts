/** The users of the registration benchmark, by number; the password is told by the name. */
export function personOf(index: number, domain: string) {
  const name = `u${String(index)}`;
  return {
    name,
    impu: `sip:${name}@${domain}`,
    impi: `${name}@${domain}`,
    password: `pw-${name}`,
  };
}
