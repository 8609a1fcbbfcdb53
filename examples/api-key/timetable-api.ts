// The HTTP API that was there first: sailings and bookings in JSON, for those who have a key. It knows nothing of MCP, and
// could as well be written in Django.
import { createHash, timingSafeEqual } from 'node:crypto'
import { bodyOf, type Exchange, keyOf, Refusal, type Service, send, startService } from './service.ts'

interface Sailing {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly departs: string
  freeSeats: number
}

export interface TimetableOptions {
  readonly port: number
  /** Each key with the name of who has it. */
  readonly keys: ReadonlyMap<string, string>
}

export function startTimetable({ port, keys }: TimetableOptions): Promise<Service> {
  const owners = [...keys].map(([key, owner]) => ({ digest: digestOf(key), owner }))
  const sailings = timetable()
  let bookings = 0

  function ownerOf(key: string): string {
    const digest = digestOf(key)
    // Digests have one length, and comparing them takes the same time wherever they differ.
    const known = owners.filter((each) => timingSafeEqual(each.digest, digest))
    if (known[0] === undefined) throw new Refusal(401, 'This API key is not known')
    return known[0].owner
  }

  function find({ searchParams }: URL): readonly Sailing[] {
    const fits = (name: 'from' | 'to', sailing: Sailing) => {
      const wanted = searchParams.get(name)
      return wanted === null || wanted.toLowerCase() === sailing[name].toLowerCase()
    }
    return sailings.filter((sailing) => fits('from', sailing) && fits('to', sailing))
  }

  function book(body: unknown): unknown {
    const { sailing: id, seats } = (body ?? {}) as { sailing?: unknown; seats?: unknown }
    if (typeof seats !== 'number' || !Number.isInteger(seats) || seats < 1)
      throw new Refusal(400, 'seats is a whole number from 1')
    const sailing = sailings.find((each) => each.id === id)
    if (sailing === undefined) throw new Refusal(404, 'There is no such sailing')
    if (sailing.freeSeats < seats)
      throw new Refusal(409, `${sailing.id} has ${sailing.freeSeats} free seats, not ${seats}`)
    sailing.freeSeats -= seats
    bookings++
    return { booking: `B${bookings}`, sailing: sailing.id, seats }
  }

  async function answer({ request, response, url, note }: Exchange): Promise<void> {
    const owner = ownerOf(keyOf(request))
    note(`by ${owner}`)
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /me':
        return send(response, 200, { name: owner })
      case 'GET /sailings':
        return send(response, 200, { sailings: find(url) })
      case 'POST /bookings':
        return send(response, 201, book(await bodyOf(request)))
      default:
        throw new Refusal(404, 'There is nothing here')
    }
  }

  return startService({ name: 'api', port, answer })
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function timetable(): Sailing[] {
  return [
    { id: 'DC0630', from: 'Dover', to: 'Calais', departs: '06:30', freeSeats: 12 },
    { id: 'DC1215', from: 'Dover', to: 'Calais', departs: '12:15', freeSeats: 2 },
    { id: 'HD0815', from: 'Holyhead', to: 'Dublin', departs: '08:15', freeSeats: 40 },
  ]
}
