/** Numbers our descriptions toward one side: one more for each that says something new (RFC 3264 §8). */
export class OwnDescription {
  #version = 1;
  #last: string | undefined;

  write(render: (version: number) => string): string {
    if (this.#last !== undefined) {
      if (render(this.#version) === this.#last) return this.#last;
      this.#version += 1;
    }
    this.#last = render(this.#version);
    return this.#last;
  }
}
