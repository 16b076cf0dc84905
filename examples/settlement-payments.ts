/**
 * Payments for tests: of a few accounts, so that some belong together; each with an id of its own.
 */
import { Arbitrary, Schema } from "effect"
import { Payment } from "./settlement.ts"

const Generated = Schema.Struct({
  account: Schema.Literals(["ann", "ben", "cho"]),
  amount: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
})

export const arbitraryPayments = Arbitrary.array(Arbitrary.schema(Generated), { minLength: 1, maxLength: 20 }).pipe(
  Arbitrary.map((payments) =>
    payments.map(({ account, amount }, index) => ({
      key: account,
      value: { id: `p-${index + 1}`, account, amount } satisfies typeof Payment.Type
    }))
  )
)
