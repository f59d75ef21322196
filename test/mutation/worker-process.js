import { fork } from 'node:child_process'
import { once } from 'node:events'

const START_MS = 30_000

/** A process that runs tests (worker.js), as seen from outside: it is asked for one run at a time, and ended when it does not answer. */
export class WorkerProcess {
  #child
  #at
  #ready
  runs = 0
  usable = true

  constructor({ root, preload }) {
    this.#child = fork(new URL('./worker.js', import.meta.url), {
      cwd: root,
      execArgv: [],
      stdio: ['ignore', 'ignore', process.env.MUTATION_STDERR === undefined ? 'ignore' : 'inherit', 'ipc'],
      env: { ...process.env, MUTATION_WORKER: JSON.stringify({ root, preload }) },
    })
    this.#child.on('error', () => {})
    this.#ready = Promise.race([once(this.#child, 'message'), once(this.#child, 'exit')])
    this.#child.once('exit', () => {
      this.usable = false
    })
  }

  /**
   * Has the process do one thing.
   *
   * @returns what it answered; `{ ended: 'timeout' | 'crash', at }` where it did not, and then it is gone; at is what it last said that it does
   */
  async ask(message) {
    this.runs += 1
    await this.#ready
    return new Promise((resolve) => {
      let timer
      const wait = (ms) => {
        clearTimeout(timer)
        timer = setTimeout(() => finish({ ended: 'timeout', at: this.#at }), ms)
      }
      const finish = (result) => {
        clearTimeout(timer)
        this.#child.off('message', take)
        this.#child.off('exit', gone)
        if (result.ended !== undefined) this.end()
        resolve(result)
      }
      const take = (answer) => {
        if (answer.kind === 'result') return finish(answer)
        this.#at = answer
        wait(answer.deadlineMs)
      }
      const gone = () => finish({ ended: 'crash', at: this.#at })
      this.#child.on('message', take)
      this.#child.once('exit', gone)
      wait(START_MS)
      if (this.#child.connected) this.#child.send(message)
      else gone()
    })
  }

  end() {
    this.usable = false
    this.#child.kill('SIGKILL')
  }
}
