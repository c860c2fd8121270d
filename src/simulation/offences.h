#pragma once
#include <cstdint>
#include <span>

#include "simulation/random.h"
#include "simulation/volumes.h"

namespace kept::simulation {

/// One kind of crime and how such crimes go. Shares are per mille and, unless parameters.h cites a source for them,
/// ours.
struct Offence {
  const char* code;   ///< after the Home Office's list of offences; from memory
  const char* group;  ///< word of the vocabulary's `offence_group`
  Volume volume;
  uint16_t weight;         ///< share of its volume
  uint16_t business;       ///< the victim is a business, a charity or a public body
  uint16_t child;          ///< of the people: under 18
  uint16_t suspect_known;  ///< a suspect is identified
  uint16_t domestic;       ///< flagged as domestic abuse
  uint16_t hate;           ///< flagged as hate crime
  uint16_t crown;          ///< of those charged: tried in the Crown Court
  bool violent;
  bool high_harm;
  bool most_serious;  ///< Enhanced Rights by offence
  bool specified;     ///< violent or sexual offence of the Victim Contact Scheme
  bool lenient_scheme;
  const char* harm;  ///< word of `harm`
};

std::span<const Offence> offences();
/// One offence of that volume.
const Offence& draw(Random& random, Volume volume);

/// The police treat it as under the Code when they count referrals: crimes against the person (see figures::referred).
inline bool against_the_person(const Offence& offence) {
  return offence.volume == Volume::violence || offence.volume == Volume::robbery || offence.volume == Volume::sexual;
}

}  // namespace kept::simulation
