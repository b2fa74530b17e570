import { expect, it } from 'vitest'
import { slotOf } from './slot.ts'

it('holds one value for each object, which only this slot sees', () => {
  const [slot, other] = [slotOf<object, number>(), slotOf<object, number>()]
  const [ada, bob] = [{}, () => {}]
  expect(slot.get(ada)).toBeUndefined()
  slot.set(ada, 1)
  slot.set(bob, 2)
  slot.set(ada, 3)
  expect([slot.get(ada), slot.get(bob)]).toEqual([3, 2])
  expect([other.get(ada), slot.get(Object.create(ada)), slot.get({ ...ada })]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(Reflect.ownKeys(ada)).toEqual([])
})

it('has nothing of what is no object', () => {
  const slot = slotOf<object, number>()
  for (const nothing of [undefined, null, 1, 'x', Symbol()]) expect(slot.get(nothing as never)).toBeUndefined()
})

it('takes objects that are not to be changed, and class instances with fields of their own', () => {
  const slot = slotOf<object, string>()
  const frozen = Object.freeze({ a: 1 })
  const answer = new Response('x')
  slot.set(frozen, 'frozen')
  slot.set(answer, 'answer')
  expect([slot.get(frozen), slot.get(answer)]).toEqual(['frozen', 'answer'])
})
