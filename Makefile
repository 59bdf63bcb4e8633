# Copyright 2026 The Diorama authors
# SPDX-License-Identifier: Apache-2.0

# Who is not root says PREFIX=$HOME/.local on the command line, and SwiftPM is told of it here.
ifneq ($(PREFIX),)
export PREFIX
export PKG_CONFIG_PATH := $(PREFIX)/lib/pkgconfig$(if $(PKG_CONFIG_PATH),:$(PKG_CONFIG_PATH))
endif

THREADS ?= 2
DIORAMA = .build/release/diorama

.PHONY: demo test bench bench-city examples golden format release

# Ten episodes of the default world, as a LeRobot dataset in ./demo-dataset.
demo: release
	$(DIORAMA) assets fetch so101
	rm -rf demo-dataset
	$(DIORAMA) run tabletop --episodes 10 --seed 1 --threads $(THREADS) --out demo-dataset

# Every unit test, in debug mode but for the C++ kernels, which unoptimised take many times as long;
# those of the teacher and of real robots need the robots.
KERNELS = -Xcxx -O2

test:
	./setup
	swift build $(KERNELS) --product diorama
	.build/debug/diorama assets fetch so101 ur5e crazyflie
	swift test $(KERNELS)

# How fast each part is on this machine, and beside the rivals that are here; a script says what it
# lacks, ends with 77, and is passed over.
bench: release
	$(DIORAMA) bench splats
	$(DIORAMA) bench meshes
	$(DIORAMA) bench physics
	$(DIORAMA) assets fetch so101
	$(DIORAMA) bench run
	@for rival in splats splats_torch splats_lavapipe splats_mujoco_warp meshes physics run; do \
	  echo "== Tests/Performance/$$rival.sh"; \
	  bash Tests/Performance/$$rival.sh || [ $$? = 77 ] || missed="$$missed $$rival"; \
	done; \
	[ -z "$$missed" ] || { echo "missed what is asked:$$missed"; exit 1; }

# A made-up city of CITY_KM2 square kilometres: how long its scene file takes, how large it is, how
# soon it opens anywhere, and flights through it, drawn by a process of their own. It says so before
# it begins where the disk is too small.
CITY_KM2 ?= 1000
CITY_FILE ?= bench-city.diorama

bench-city: release
	rm -f $(CITY_FILE)
	$(DIORAMA) bench city --km2 $(CITY_KM2) --threads $(THREADS) --file $(CITY_FILE) --keep
	$(DIORAMA) bench city --km2 $(CITY_KM2) --threads $(THREADS) --scene $(CITY_FILE); \
	  status=$$?; rm -f $(CITY_FILE); exit $$status

# Every output and every lens once, into ./examples, to look at.
examples: release
	bash Tests/Examples/gallery.sh examples

# The golden images anew, from what is drawn now; look at each before it is kept.
golden:
	DIORAMA_GOLDEN=make swift test $(KERNELS) --filter Golden.images

# The one style; .ci/run refuses what this would change.
format:
	swift format --in-place --recursive Package.swift Sources Tests

release:
	./setup
	swift build -c release --product diorama
