/** Why a letter cannot be changed as a plan wants; the sentence holds nothing of the letter's own content. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
