interface Waiting {
  readonly alone: boolean;
  readonly start: () => void;
}

/**
 * Many may share, one may be alone; first come, first served, so that no transaction starves.
 */
export class Exclusion {
  #waiting: Waiting[] = [];
  #sharing = 0;
  #isAlone = false;

  async run<T>(alone: boolean, task: () => Promise<T>): Promise<T> {
    await this.#enter(alone);
    try {
      return await task();
    } finally {
      this.#leave(alone);
    }
  }

  #enter(alone: boolean): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#mayStart(alone)) {
      this.#start(alone);
      return undefined;
    }
    return new Promise((start) => {
      this.#waiting.push({ alone, start });
    });
  }

  #leave(alone: boolean): void {
    if (alone) this.#isAlone = false;
    else this.#sharing -= 1;
    for (let next = this.#waiting[0]; next && this.#mayStart(next.alone); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#start(next.alone);
      next.start();
    }
  }

  #mayStart(alone: boolean): boolean {
    return !this.#isAlone && (!alone || this.#sharing === 0);
  }

  #start(alone: boolean): void {
    if (alone) this.#isAlone = true;
    else this.#sharing += 1;
  }
}
